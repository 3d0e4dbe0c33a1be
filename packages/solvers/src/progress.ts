import { add, greater, less, logicalAnd, mul, type Tensor } from '@tensorflow/tfjs-core';
import { fused, sampleNorm, type Iterate, type SolveStatus } from '@impflow/core';
import { select } from './rows.ts';

/** When a sample is done, and when it is lost. */
export interface Criteria {
  readonly atol: number;
  readonly rtol: number;
  readonly divergence: number;
}

/** The best iterate of each sample. */
export interface Best {
  /** `[B, ...event]`. */
  readonly value: Tensor;
  /** `[B]`. */
  readonly residual: Tensor;
}

/** Where each sample stands with one solver. Everything stays on the device; all but `value` and `state` is `[B]`. */
export interface Progress extends Best {
  /** The solver's own state. */
  readonly state: Iterate;
  readonly tolerance: Tensor;
  /** Residual of the last iterate that the sample took part in: tells afterwards why it stopped. */
  readonly latest: Tensor;
  /** A sample is lost at this residual. */
  readonly limit: Tensor;
  /** Bool: neither done nor lost. */
  readonly active: Tensor;
}

const judged = (best: Best, latest: Tensor, limit: Tensor, { atol, rtol }: Criteria): Omit<Progress, 'state'> => {
  const tolerance = add(atol, mul(rtol, sampleNorm(best.value)));
  // Comparisons with NaN are false, so whatever is not finite is not active; `inf < inf` is false as well.
  const active = logicalAnd(greater(best.residual, tolerance), less(latest, limit));
  return { value: best.value, residual: best.residual, tolerance, latest, limit, active };
};

/** Progress of a solver that begins at `state`, which is at the best iterates of the solvers before it, if any. */
export const begin = (state: Iterate, before: Best | undefined, criteria: Criteria): Progress => {
  const best = before ?? { value: state.value, residual: state.residual };
  return { state, ...judged(best, state.residual, mul(criteria.divergence, state.residual), criteria) };
};

/** Progress after one more step, which led to `state`. */
export const proceed = (progress: Progress, state: Iterate, criteria: Criteria): Progress => {
  const { active, value, residual, latest, limit } = progress;
  const { atol, rtol } = criteria;
  const [nextValue, nextResidual, tolerance, last, going] = fused(
    'ImpflowProceed', { active, value, residual, latest, limit, nextValue: state.value, nextResidual: state.residual }, { atol, rtol }, () => {
      const now = select(active, state.residual, latest);
      const better = logicalAnd(active, less(now, residual));
      const best = { value: select(better, state.value, value), residual: select(better, now, residual) };
      const verdict = judged(best, now, limit, criteria);
      return [verdict.value, verdict.residual, verdict.tolerance, verdict.latest, verdict.active] as const;
    });
  return { state, value: nextValue, residual: nextResidual, tolerance, latest: last, limit, active: going };
};

/** How a solver ended, on the host. */
export interface Outcome {
  readonly status: SolveStatus;
  readonly residual: Float32Array;
  readonly converged: Uint8Array;
  /** Whether another solver could do better: some sample is undone, and finite at its best. */
  readonly hopeful: boolean;
}

/** Reads the end of a run back. */
export const conclude = ({ residual, tolerance, latest, limit }: Pick<Progress, 'residual' | 'tolerance' | 'latest' | 'limit'>): Outcome => {
  const [r, tol, last, lost] = [residual, tolerance, latest, limit].map((x) => x.dataSync<'float32'>()) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const converged = new Uint8Array(r.length);
  let [undone, unknown, diverged, hopeful] = [false, false, false, false];
  // One plain loop: this runs for every solve, and batches are long.
  for (let i = 0; i < r.length; i++) {
    // Above 1e19 the squares within a norm overflow, and nothing can be said about the sample.
    const known = Number.isFinite(r[i]!) && Number.isFinite(tol[i]!);
    if (known && r[i]! <= tol[i]!) {
      converged[i] = 1;
      continue;
    }
    undone = true;
    hopeful ||= known;
    unknown ||= !known || !Number.isFinite(last[i]!);
    diverged ||= last[i]! >= lost[i]!;
  }
  return { status: !undone ? 'converged' : unknown ? 'non-finite' : diverged ? 'diverged' : 'max-steps', residual: r, converged, hopeful };
};
