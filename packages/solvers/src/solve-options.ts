import { capabilities, FlowError, shown, type SolveEnd, type Solver } from '@impflow/core';
import type { Problem } from './driven-map.ts';

/**
 * Function that is called with the result of a solve. On backends with synchronous reads, `solve` calls `onEnd` before
 * returning. On other backends, `settle` of `@impflow/core` calls `onEnd` after reading the result.
 */
export type OnEnd = (end: SolveEnd) => void;

/** Argument of `onCheck`. */
export interface SolveCheck {
  /** Name of the solver that runs. */
  readonly solver: string;
  /** Number of steps of this solver so far. */
  readonly step: number;
  /** Number of active samples: samples that have not converged and have not diverged. */
  readonly active: number;
}

/** Options of `solve`. */
export interface SolveOptions {
  /** Solver of the equation. */
  readonly solver: Solver;
  /** Problem of `f`: `f(y) = y` (`fixed-point`) or `f(y) = 0` (`root`). Default: the problem of the solver. */
  readonly problem?: Problem;
  /** Absolute tolerance. A sample is done when its residual is at most `atol + rtol |value|`. Default 1e-6. */
  readonly atol?: number;
  /** Relative tolerance: relative to the norm of the value. Default 1e-6. */
  readonly rtol?: number;
  /** Largest number of steps of the first solver. Default 50. */
  readonly maxSteps?: number;
  /**
   * Largest number of steps of each solver of `fallback`. Default `max(500, maxSteps)`. Fixed-point iteration needs
   * about `log(rtol) / log(L)` steps: 450 at `L = 0.97`.
   */
  readonly fallbackSteps?: number;
  /**
   * Number of steps between two convergence checks. Each check waits for the device. The solution does not depend on
   * `checkEvery`. Default: 1 if waiting costs little, else up to 8, which balances the cost of waiting and of surplus
   * steps. On backends without synchronous reads there are no checks: see `settle` of `@impflow/core`.
   */
  readonly checkEvery?: number;
  /**
   * A sample has diverged when its residual reaches `divergence` times its first residual with the current solver.
   * Default 1e4.
   */
  readonly divergence?: number;
  /**
   * Solvers for the samples that have not converged. The solvers run in order. Each solver starts at the best iterates
   * so far. Default: no fallbacks.
   */
  readonly fallback?: readonly Solver[];
  /** Function that is called at each convergence check. */
  readonly onCheck?: (check: SolveCheck) => void;
  /** Function that is called with the result of the solve. */
  readonly onEnd?: OnEnd;
  /** Signal that aborts the solve: the next convergence check throws the reason of the signal. */
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
 * waits and `k / 2` surplus steps. The cost is lowest for `k = sqrt(2 n wait / step)`.
 */
export const defaultCheckEvery = (): number => {
  const { readBack } = capabilities();
  if (readBack === undefined) return 1;
  const step = OPERATIONS * readBack.operationMs;
  return Math.max(1, Math.min(8, Math.round(Math.sqrt((2 * STEPS * readBack.readMs) / step))));
};

/** Typical number of steps of a solve in training, measured by the benchmarks. */
const STEPS = 5;
/** Number of device operations per step: the sum for a net of three layers, the solver and `solve` itself. */
const OPERATIONS = 40;

/**
 * Throws an `option` error unless `holds` is true and `got` is a number. In options from JSON, `got` can have any type.
 */
export const assertOption = (holds: boolean, caller: string, name: string, expected: string, got: number): void => {
  if (!holds || typeof got !== 'number')
    throw new FlowError('option', `solvers/${caller}`, `Wrong ${name}`, { expected, got: shown(got) });
};
