import { kernel, sampleNorm, type Iterate } from '@impflow/core';
import { add, greater, less, logicalAnd, mul, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { select } from './batch-linalg.ts';

/** Stopping criteria of a sample. A sample is done when its residual is at most `atol + rtol |value|`. */
export interface Criteria {
  /** Absolute tolerance. */
  readonly atol: number;
  /** Tolerance relative to the norm of the value. */
  readonly rtol: number;
  /** A sample has diverged when its residual reaches `divergence` times its first residual. */
  readonly divergence: number;
}

/** The best iterate of each sample, which is the iterate with the smallest residual so far. */
export interface BestIterate {
  /** The best iterate of each sample so far, `[B, d]`. */
  readonly value: Tensor;
  /** Norm of the residual at the best iterate, `[B]`. */
  readonly residual: Tensor;
}

/** Progress of each sample with one solver. All tensors stay on the device. */
export interface SampleProgress extends BestIterate {
  /** State of the solver. */
  readonly state: Iterate;
  /** Tolerance at the best iterate, `[B]`. */
  readonly tolerance: Tensor;
  /**
   * Residual of the last iterate at which the sample was active, `[B]`. The status of the sample is computed from
   * `latest`.
   */
  readonly latest: Tensor;
  /** A sample whose residual reaches this limit counts as diverged, `[B]`. */
  readonly limit: Tensor;
  /** Whether the sample still takes steps, `[B]`, bool: it has not converged, has not diverged and is finite. */
  readonly active: Tensor;
}

/**
 * Returns the progress at the first state of a solver. `before` contains the best iterates of the previous solvers. For
 * the first solver, `before` is undefined. For a fallback, `state` starts at the iterates in `before`.
 */
export const startProgress = (state: Iterate, before: BestIterate | undefined, criteria: Criteria): SampleProgress => {
  const { value, residual } = before ?? state;
  const limit = mul(criteria.divergence, state.residual);
  // Call the update with all samples inactive: this call keeps the best iterates and only computes which samples are
  // active.
  const samples = residual.shape[0]!;
  const active = tensor1d(new Uint8Array(samples), 'bool');
  return updateProgress({ state, value, residual, latest: state.residual, limit, active }, criteria, () => ({
    value,
    residual,
    latest: state.residual,
  }));
};

/** Returns the progress after one more step of the solver. `state` is the state after the step. */
export const advanceProgress = (progress: SampleProgress, state: Iterate, criteria: Criteria): SampleProgress =>
  updateProgress({ ...progress, state }, criteria, () => {
    const { active, value, residual, latest: before } = progress;
    const latest = select(active, state.residual, before);
    const better = logicalAnd(active, less(latest, residual));
    return { value: select(better, state.value, value), residual: select(better, latest, residual), latest };
  });

/**
 * Updates the progress with the next iterate. Inputs: `active [B]` (bool), `value [B, d]` and `residual`, `latest`,
 * `limit` `[B]` of the progress so far; `nextValue` and `nextResidual` of the iterate. Returns
 * `[value, residual, tolerance, latest, active]`. For active samples, the new `latest` is `nextResidual`. For active
 * samples with `latest < residual`, the new `value` and `residual` are `nextValue` and `latest`.
 * `tolerance = atol + rtol |value|`. The new `active` is `residual > tolerance` and `latest < limit`, false for NaN.
 */
const progressKernel = kernel<
  Readonly<Record<'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual', Tensor>>,
  { readonly atol: number; readonly rtol: number }
>('ImpflowProgress');

/**
 * Returns the progress at `state`. If the backend has a kernel for the update, one kernel call computes the progress.
 * Without the kernel, `bestIterate` computes the best iterates and the latest residuals.
 */
const updateProgress = (
  { state, active, value, residual, latest, limit }: Omit<SampleProgress, 'tolerance'>,
  { atol, rtol }: Criteria,
  bestIterate: () => BestIterate & Pick<SampleProgress, 'latest'>,
): SampleProgress => {
  const inputs = { active, value, residual, latest, limit, nextValue: state.value, nextResidual: state.residual };
  const [nextValue, nextResidual, tolerance, nextLatest, nextActive] = progressKernel.run(
    inputs,
    { atol, rtol },
    () => {
      const best = bestIterate();
      const tolerance = add(atol, mul(rtol, sampleNorm(best.value)));
      // Comparisons with NaN are false, and so is `inf < inf`: samples that are not finite are not active.
      return [
        best.value,
        best.residual,
        tolerance,
        best.latest,
        logicalAnd(greater(best.residual, tolerance), less(best.latest, limit)),
      ];
    },
  );
  return { state, value: nextValue, residual: nextResidual, tolerance, latest: nextLatest, limit, active: nextActive };
};
