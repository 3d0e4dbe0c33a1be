import { capabilities, FlowError, type SolveEnd, type Solver } from '@impflow/core';
import type { Problem } from './driven-map.ts';

/**
 * Called with the result of a solve. On backends with synchronous reads the call happens before `solve` returns, on
 * other backends when `settle` of core has read the result.
 */
export type OnEnd = (end: SolveEnd) => void;

/** Argument of `onCheck`. */
export interface SolveCheck {
  /** Name of the solver that runs. */
  readonly solver: string;
  /** Number of steps of this solver so far. */
  readonly step: number;
  /** Number of samples that are neither done nor diverged. */
  readonly active: number;
}

/** Options of `solve`. */
export interface SolveOptions {
  /** Solver of the equation. */
  readonly solver: Solver;
  /** Problem of `f`: `f(y) = y` (`fixed-point`) or `f(y) = 0` (`root`). Default: the problem of the solver. */
  readonly problem?: Problem;
  /** Absolute tolerance. A sample is done once its residual is at most `atol + rtol |value|`. Default 1e-6. */
  readonly atol?: number;
  /** Tolerance relative to the norm of the value. Default 1e-6. */
  readonly rtol?: number;
  /** Largest number of steps of the solver. Default 50. */
  readonly maxSteps?: number;
  /**
   * Largest number of steps of each solver of `fallback`. Default `max(500, maxSteps)`. Fixed-point iteration needs
   * about `log(rtol) / log(L)` steps: 450 at `L = 0.97`.
   */
  readonly fallbackSteps?: number;
  /**
   * Steps between two checks. Each check waits for the device. The solution does not depend on `checkEvery`. Default: 1
   * where waiting costs little, else up to 8, which balances waiting against surplus steps. Backends without
   * synchronous reads make no checks; see `settle` of core.
   */
  readonly checkEvery?: number;
  /**
   * A sample has diverged once its residual reaches this multiple of its first residual with the same solver. Default
   * 1e4.
   */
  readonly divergence?: number;
  /**
   * Solvers for the samples that have not converged. They run in order, each from the best iterates so far. Default
   * none.
   */
  readonly fallback?: readonly Solver[];
  /** Called at each check. */
  readonly onCheck?: (check: SolveCheck) => void;
  /** Called with the result of the solve. */
  readonly onEnd?: OnEnd;
  /** Aborts the solve: the next check throws the reason of the signal. */
  readonly signal?: AbortSignal;
}

/** Throws an `option` error if an option of `solve` is out of range. */
export const assertSolveOptions = ({
  atol,
  rtol,
  maxSteps,
  fallbackSteps,
  checkEvery,
  divergence,
}: Readonly<Record<'atol' | 'rtol' | 'maxSteps' | 'fallbackSteps' | 'checkEvery' | 'divergence', number>>): void => {
  assertOption(atol >= 0, 'solve', 'atol', 'a number >= 0', atol);
  assertOption(rtol >= 0, 'solve', 'rtol', 'a number >= 0', rtol);
  for (const [name, count] of Object.entries({ maxSteps, fallbackSteps, checkEvery }))
    assertOption(Number.isInteger(count) && count > 0, 'solve', name, 'a positive integer', count);
  assertOption(divergence > 1, 'solve', 'divergence', 'a number above 1', divergence);
};

/**
 * Returns the default number of steps between two checks. With a check every `k` of `n` steps, a solve costs `n / k`
 * waits and `k / 2` surplus steps. The minimum is at `k = sqrt(2 n wait / step)`.
 */
export const defaultCheckEvery = (): number => {
  const { readBack } = capabilities();
  if (readBack === undefined) return 1;
  const step = OPERATIONS * readBack.operationMs;
  return Math.max(1, Math.min(8, Math.round(Math.sqrt((2 * STEPS * readBack.readMs) / step))));
};

/** Typical number of steps of a solve in training, measured by the benchmarks. */
const STEPS = 5;
/** Number of operations in a step: in a net of three layers, in the solver and in `solve` itself. */
const OPERATIONS = 40;

/** Throws an `option` error unless `holds` is true and `got` is a number. Options from JSON may have another type. */
export const assertOption = (holds: boolean, caller: string, name: string, expected: string, got: number): void => {
  if (!holds || typeof got !== 'number')
    throw new FlowError('option', `solvers/${caller}`, `Wrong ${name}`, { expected, got: String(got) });
};
