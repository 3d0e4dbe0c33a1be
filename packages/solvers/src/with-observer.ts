import type { Iterate, Solver, TensorMap } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { advanceProgress, startProgress, type Criteria, type SampleProgress } from './sample-progress.ts';
import type { SolveOptions } from './solve-options.ts';

/** Progress of each sample after some steps of a solver. The tensors are valid until the observer returns. */
export interface Observation {
  /** Number of steps of this solver so far; 0 at the start of each solve. */
  readonly step: number;
  /** Residual at the best iterate so far, `[B]`. */
  readonly residual: Tensor;
  /** Tolerance at the best iterate, `[B]`. A sample is done if its residual is at most this tolerance. */
  readonly tolerance: Tensor;
  /**
   * Whether a sample is active, `[B]`, bool: it has not converged and has not diverged. The next step changes only
   * active samples.
   */
  readonly active: Tensor;
}

/**
 * Stopping criteria of {@link withObserver}. Pass the values that the solve uses. Missing options have the defaults of
 * `solve`.
 */
export type ObserverOptions = Pick<SolveOptions, 'atol' | 'rtol' | 'divergence'>;

/** State of {@link withObserver}. */
export interface ObserverState extends Iterate {
  /** Progress of the samples, with the state of the observed solver. */
  readonly progress: SampleProgress;
  /** Number of steps so far. */
  readonly step: number;
}

/**
 * Returns a solver that calls `observe` at the start and after each step. From the observations one can compute how the
 * residuals fall, and how many steps each sample needs; `stats.steps` only counts the steps of the whole batch. Without
 * fallbacks, `stats.steps` is the largest number of observations in which one sample is active.
 *
 * The returned solver has the name of `solver` and returns equal results. Exception: if a kernel would run the whole
 * solve of `solver`, the results agree only within rounding errors.
 *
 * @remarks The progress of the samples is computed here, in addition to `solve`: one more small kernel per step. An
 * observer that reads a tensor waits for the device.
 * @throws the errors of `observe`.
 */
export const withObserver = <S extends Iterate>(
  solver: Solver<S>,
  observe: (observation: Observation) => void,
  { atol = 1e-6, rtol = 1e-6, divergence = 1e4 }: ObserverOptions = {},
): Solver<ObserverState> => {
  const criteria: Criteria = { atol, rtol, divergence };
  const observeAndReturn = (progress: SampleProgress, step: number): ObserverState => {
    const {
      state: { value, residual },
    } = progress;
    observe({ step, residual: progress.residual, tolerance: progress.tolerance, active: progress.active });
    return { value, residual, progress, step };
  };
  return Object.freeze<Solver<ObserverState>>({
    name: solver.name,
    problem: solver.problem,
    init: (f: TensorMap, y0: Tensor) => observeAndReturn(startProgress(solver.init(f, y0), undefined, criteria), 0),
    step: (f: TensorMap, { progress, step }) =>
      observeAndReturn(advanceProgress(progress, solver.step(f, progress.state as S), criteria), step + 1),
  });
};
