import { clone, type Tensor } from '@tensorflow/tfjs-core';
import { attempt, capabilities, FlowError, offTape, scoped, type Solution, type SolveEnd, type Solver, type TensorMap } from '@impflow/core';
import { blindly } from './blindly.ts';
import { concludeLater, type OnEnd } from './end.ts';
import { inForm, type Form } from './forms.ts';
import { looking, lookEvery, type SolveCheck } from './looking.ts';
import { assertOption } from './options.ts';
import { begin, proceed, type Criteria } from './progress.ts';
import type { Run, Turn } from './turn.ts';
import { watch } from './watch.ts';

export interface SolveOptions {
  /** The form that `f` is written in: `f(y) = y` or `f(y) = 0`. Default: the solver's own. */
  readonly problem?: Form;
  /** A sample is done once its residual is at most `atol + rtol * |value|`. Default `1e-6` each. */
  readonly atol?: number;
  readonly rtol?: number;
  /** Steps of the solver at most. Default 50. */
  readonly maxSteps?: number;
  /**
   * Steps at most of each solver of `fallback`. Default 500, and no fewer than `maxSteps`: fixed-point iteration, the last resort,
   * needs about `log(rtol) / log(L)`, 450 at `L = 0.97`.
   */
  readonly fallbackSteps?: number;
  /**
   * Look, which waits for the device, every so many steps. The value does not depend on it. Default: 1, or so many that waiting costs
   * no more than the steps that come too late. Backends that cannot be read at once never look: see `settle` of core.
   */
  readonly checkEvery?: number;
  /** A sample is lost to a solver once its residual reaches this multiple of its first. Default `1e4`. */
  readonly divergence?: number;
  /**
   * Evaluate a differentiable map by its `linearize` throughout, and hand over the linearization at the solution: it spares
   * whoever needs one there a forward pass. Default false.
   */
  readonly linearize?: boolean;
  /** Solvers that take over the samples left undone, one after the other, each from the best iterates so far. Default none. */
  readonly fallback?: readonly Solver[];
  readonly onCheck?: (check: SolveCheck) => void;
  readonly onEnd?: OnEnd;
  /** Aborting throws the signal's reason at the next check. */
  readonly signal?: AbortSignal;
}

/**
 * Solves `f(y) = y` or `f(y) = 0` for each sample of a batch, from `y0: [B, ...event]`. The one loop of the package: solvers
 * only say how to step. Works off the tape; see `implicit` for gradients. The value belongs to the caller.
 *
 * Every sample is on its own. It is frozen at its best iterate once done, so its answer depends neither on the others nor on
 * how long they run; one that is not finite from the start keeps nobody waiting.
 *
 * @remarks A dozen small operations per step beside the solver's, and one read-back of `[B]` flags per check.
 * @throws `option` for options out of range; whatever `f` and `onCheck` throw; the reason of an aborted `signal`. Failing to
 * converge is a status: see {@link orThrow}.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { anderson, solve } from '@impflow/solvers';
 * import { cos, tensor2d } from '@tensorflow/tfjs-core';
 *
 * await wasm().start();
 * const { value, status } = solve(anderson(), (y) => cos(y), tensor2d([[0], [3]]));
 * console.log(status, value.dataSync()); // 0.739085 twice
 * ```
 */
export const solve = (solver: Solver, f: TensorMap, y0: Tensor, options: SolveOptions = {}): Solution => {
  const { problem = solver.problem, atol = 1e-6, rtol = 1e-6, maxSteps = 50, checkEvery = lookEvery(), divergence = 1e4, linearize = false, fallback = [], onCheck, onEnd, signal } = options;
  const { fallbackSteps = Math.max(500, maxSteps) } = options;
  assertOption(atol >= 0, 'solve', 'atol', 'a number >= 0', atol);
  assertOption(rtol >= 0, 'solve', 'rtol', 'a number >= 0', rtol);
  assertOption(Number.isInteger(maxSteps) && maxSteps > 0, 'solve', 'maxSteps', 'a positive integer', maxSteps);
  assertOption(Number.isInteger(fallbackSteps) && fallbackSteps > 0, 'solve', 'fallbackSteps', 'a positive integer', fallbackSteps);
  assertOption(Number.isInteger(checkEvery) && checkEvery > 0, 'solve', 'checkEvery', 'a positive integer', checkEvery);
  assertOption(divergence > 1, 'solve', 'divergence', 'a number above 1', divergence);

  const criteria: Criteria = { atol, rtol, divergence };
  const watched = watch(f, linearize);
  const turn = (method: Solver, most: number): Turn => {
    const map = inForm(watched.map, problem, method.problem);
    return {
      method, most,
      begin: (before) => {
        watched.freeze(undefined);
        watched.narrow(undefined);
        return begin(method.init(map, clone(before?.value ?? y0)), before, criteria);
      },
      next: (progress, frozen) => {
        watched.freeze(frozen ? progress : undefined);
        return proceed(progress, method.step(map, progress.state), criteria);
      },
    };
  };
  const turns = [turn(solver, maxSteps), ...fallback.map((method) => turn(method, fallbackSteps))];
  const run: Run = { turns, samples: y0.shape[0]!, watched };
  const blind = capabilities().syncRead ? undefined : attempt('solvers/solve');

  let end: SolveEnd | undefined;
  try {
    const best = offTape(() => scoped(() => {
      if (blind !== undefined) {
        const { progress, ...counted } = blindly(run, blind);
        end = concludeLater('solvers/solve', progress, { ...counted, solver: counted.path.at(-1)!, evaluations: watched.evaluations() }, onEnd);
        return progress.value;
      }
      const { value, outcome: { status, residual, converged }, ...counted } = looking(run, { checkEvery, onCheck, signal });
      end = { status, stats: { ...counted, solver: counted.path.at(-1)!, evaluations: watched.evaluations(), residual, converged } };
      onEnd?.(end);
      return value;
    }));
    // An attempt that is not the last is made again unless all samples are done that can be.
    const done = blind === undefined ? end!.status === 'converged' : !blind.last;
    const last = done ? watched.take() : undefined;
    if (last === undefined) return { value: best, ...end! };
    // The same numbers as `best`, see `watch`, but the very tensor that the linearization belongs to.
    best.dispose();
    const value = last.point.clone();
    last.point.dispose();
    return { value, ...end!, linearization: last.linearization };
  } finally {
    watched.release();
  }
};

/** The solution, if every sample converged. Otherwise disposes it. @throws `convergence`, with what to try. */
export const orThrow = (solution: Solution): Solution => {
  const { value, status, stats: { path, steps, residual, converged } } = solution;
  if (status === 'converged') return solution;
  value.dispose();
  const undone = [...residual].filter((_, i) => converged[i] === 0);
  // Math.max gives NaN where one is NaN: the worst there is.
  throw new FlowError('convergence', 'solvers/solve', `${path.join(', then ')} stopped after ${steps} steps (${status}) on ${undone.length} of ${residual.length} samples`, {
    expected: 'residual <= atol + rtol |value|', got: Math.max(...undone).toExponential(1), hint: HINTS[status],
  });
};

const HINTS = {
  'max-steps': 'Raise maxSteps, or add a fallback.',
  'diverged': 'Add a fallback, or check that the map is a contraction.',
  'non-finite': 'Check the input for NaN and the Lipschitz bound of the map.',
  'unread': 'The running backend cannot be read at once: ask for onEnd within settle.',
} as const;
