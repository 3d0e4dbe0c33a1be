import { kernel, sampleNorm, type Iterate, type SolveStatus } from '@impflow/core';
import {
  add,
  concat,
  greater,
  less,
  logicalAnd,
  mul,
  reshape,
  tensor1d,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Stopping criteria of a sample. It is done once its residual is at most `atol + rtol |value|`. */
export interface Criteria {
  /** Absolute tolerance. */
  readonly atol: number;
  /** Tolerance relative to the norm of the value. */
  readonly rtol: number;
  /** A sample is lost once its residual reaches this multiple of its first. */
  readonly divergence: number;
}

/**
 * Returns `a` for the samples where `mask` (bool, `[B]`) is true, `b` for the others. Not a product with the mask,
 * because entries that are not chosen may be NaN.
 */
export const select = (mask: Tensor, a: Tensor, b: Tensor): Tensor =>
  where(a.rank === 1 ? mask : reshape(mask, [a.shape[0]!, ...a.shape.slice(1).map(() => 1)]), a, b);

/** The best iterate of each sample. */
export interface BestIterate {
  /** The iterate, `[B, d]`. */
  readonly value: Tensor;
  /** Its residual norm, `[B]`. */
  readonly residual: Tensor;
}

/** Progress of each sample with one solver. All tensors stay on the device. */
export interface Progress extends BestIterate {
  /** State of the solver. */
  readonly state: Iterate;
  /** Tolerance at the best iterate, `[B]`. */
  readonly tolerance: Tensor;
  /** Residual of the last iterate at which the sample was active, `[B]`. It shows why the sample stopped. */
  readonly latest: Tensor;
  /** Residual at which the sample is lost, `[B]`. */
  readonly limit: Tensor;
  /** Whether the sample is neither done nor lost, `[B]`, bool. */
  readonly active: Tensor;
}

/**
 * Returns the progress of a solver that begins at `state`. `before` holds the best iterates of the solvers before it,
 * if any; `state` is then at these.
 */
export const begin = (state: Iterate, before: BestIterate | undefined, criteria: Criteria): Progress => {
  const { value, residual } = before ?? state;
  const limit = mul(criteria.divergence, state.residual);
  // No sample is active yet: judging this iterate only finds the samples that are.
  const samples = residual.shape[0]!;
  const active = tensor1d(new Uint8Array(samples), 'bool');
  return judged({ state, value, residual, latest: state.residual, limit, active }, criteria, () => ({
    value,
    residual,
    latest: state.residual,
  }));
};

/** Returns the progress after one more step, which led to `state`. */
export const proceed = (progress: Progress, state: Iterate, criteria: Criteria): Progress =>
  judged({ ...progress, state }, criteria, () => {
    const { active, value, residual, latest: before } = progress;
    const latest = select(active, state.residual, before);
    const better = logicalAnd(active, less(latest, residual));
    return { value: select(better, state.value, value), residual: select(better, latest, residual), latest };
  });

/**
 * Judges the next iterate. Inputs: `active [B]` (bool), `value [B, n]` and `residual`, `latest`, `limit` `[B]` of the
 * progress so far; `nextValue` and `nextResidual` of the iterate. Returns
 * `[value, residual, tolerance, latest, active]`. Where active, `latest` is `nextResidual`. Where active and
 * `latest < residual`, `value` and `residual` are `nextValue` and `latest`. `tolerance = atol + rtol |value|`. The new
 * `active` is `residual > tolerance` and `latest < limit`, false for NaN.
 */
const proceeding = kernel<
  Readonly<Record<'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual', Tensor>>,
  { readonly atol: number; readonly rtol: number }
>('ImpflowProceed');

/**
 * Returns the progress at `state`, in one kernel where the backend has it. Otherwise `taken` computes the best iterates
 * and the latest residuals.
 */
const judged = (
  { state, active, value, residual, latest, limit }: Omit<Progress, 'tolerance'>,
  { atol, rtol }: Criteria,
  taken: () => BestIterate & Pick<Progress, 'latest'>,
): Progress => {
  const inputs = { active, value, residual, latest, limit, nextValue: state.value, nextResidual: state.residual };
  const [nextValue, nextResidual, tolerance, last, going] = proceeding.run(inputs, { atol, rtol }, () => {
    const best = taken();
    const tolerance = add(atol, mul(rtol, sampleNorm(best.value)));
    // Comparisons with NaN are false, and so is `inf < inf`: samples that are not finite are not active.
    return [
      best.value,
      best.residual,
      tolerance,
      best.latest,
      logicalAnd(greater(best.residual, tolerance), less(best.latest, limit)),
    ];
  });
  return { state, value: nextValue, residual: nextResidual, tolerance, latest: last, limit, active: going };
};

/** Result of a solver, on the host. */
export interface Outcome {
  /** The worst status of a sample. */
  readonly status: SolveStatus;
  /** Residual norm of each sample at its best iterate. */
  readonly residual: Float32Array;
  /** 1 where the sample met its tolerance. */
  readonly converged: Uint8Array;
  /** Status of each sample. */
  readonly each: readonly SolveStatus[];
  /** Whether another solver may help: a sample has not converged and is finite at its best iterate. */
  readonly hopeful: boolean;
}

/** The numbers that decide a result, `[4 B]`: one tensor, because each read-back waits for the device. */
export const evidence = ({
  residual,
  tolerance,
  latest,
  limit,
}: Pick<Progress, 'residual' | 'tolerance' | 'latest' | 'limit'>): Tensor =>
  concat([residual, tolerance, latest, limit]);

/** Reads the result of a run from the device. */
export const readOutcome = (judged: Parameters<typeof evidence>[0]): Outcome => {
  const numbers = evidence(judged);
  // Not in a scope: tfjs would search the returned arrays for tensors, number by number.
  const outcome = judgedBy(numbers.dataSync<'float32'>() as Float32Array);
  numbers.dispose();
  return outcome;
};

/** Returns the result of a run from its {@link evidence}. */
export const judgedBy = (read: Float32Array): Outcome => {
  // The cpu backend of tfjs reads an empty tensor as a plain array.
  const numbers = read.length === 0 ? new Float32Array(0) : read;
  const samples = numbers.length / 4;
  const part = (i: number): Float32Array => numbers.subarray(i * samples, (i + 1) * samples);
  const [r, tol, last, lost] = [part(0).slice(), part(1), part(2), part(3)];
  const converged = new Uint8Array(samples);
  let each: SolveStatus[] | undefined;
  let hopeful = false;
  // One plain loop, because this runs for every solve and batches are large.
  for (let i = 0; i < samples; i++) {
    // Above 1e19 the squares in a norm overflow, so the norm says nothing about the sample.
    const known = Number.isFinite(r[i]!) && Number.isFinite(tol[i]!);
    if (known && r[i]! <= tol[i]!) {
      converged[i] = 1;
      continue;
    }
    hopeful ||= known;
    each ??= [...allConverged(samples)];
    each[i] = !known || !Number.isFinite(last[i]!) ? 'non-finite' : last[i]! >= lost[i]! ? 'diverged' : 'max-steps';
  }
  each ??= allConverged(samples) as SolveStatus[];
  return {
    status: WORST_FIRST.find((status) => each.includes(status)) ?? 'converged',
    residual: r,
    converged,
    each,
    hopeful,
  };
};

const WORST_FIRST = ['non-finite', 'diverged', 'max-steps'] as const;

/** The usual result. All solves of a batch share one array, so that a message from a worker contains it once. */
const allConverged = (samples: number): readonly SolveStatus[] =>
  usual.length === samples
    ? usual
    : (usual = Object.freeze(Array.from<SolveStatus>({ length: samples }).fill('converged')));
let usual: readonly SolveStatus[] = Object.freeze([]);
