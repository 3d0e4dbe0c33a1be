import { add, concat, greater, less, logicalAnd, mul, reshape, tensor1d, where, type Tensor } from '@tensorflow/tfjs-core';
import { kernel, sampleNorm, type Iterate, type SolveStatus } from '@impflow/core';

/** When a sample is done, and when it is lost. */
export interface Criteria {
  readonly atol: number;
  readonly rtol: number;
  readonly divergence: number;
}

/**
 * `a` for the samples that `mask` (bool, `[B]`) marks, `b` for the others. A choice, never a product with the mask: what is
 * not chosen may be NaN.
 */
export const select = (mask: Tensor, a: Tensor, b: Tensor): Tensor =>
  where(a.rank === 1 ? mask : reshape(mask, [a.shape[0]!, ...a.shape.slice(1).map(() => 1)]), a, b);

/** The best iterate of each sample. */
export interface Best {
  /** `[B, d]`. */
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

/** Progress of a solver that begins at `state`, which is at the best iterates of the solvers before it, if any. */
export const begin = (state: Iterate, before: Best | undefined, criteria: Criteria): Progress => {
  const { value, residual } = before ?? state;
  const limit = mul(criteria.divergence, state.residual);
  // An iterate that no sample takes part in: it only says who is active.
  const samples = residual.shape[0]!;
  const active = tensor1d(new Uint8Array(samples), 'bool');
  return judged({ state, value, residual, latest: state.residual, limit, active }, criteria, () => ({ value, residual, latest: state.residual }));
};

/** Progress after one more step, which led to `state`. */
export const proceed = (progress: Progress, state: Iterate, criteria: Criteria): Progress => judged({ ...progress, state }, criteria, () => {
  const { active, value, residual, latest: before } = progress;
  const latest = select(active, state.residual, before);
  const better = logicalAnd(active, less(latest, residual));
  return { value: select(better, state.value, value), residual: select(better, latest, residual), latest };
});

/**
 * `active [B]` (bool), `value [B, n]` and `residual`, `latest`, `limit` `[B]` of the progress so far, `nextValue`, `nextResidual` of the
 * next iterate -> `[value, residual, tolerance, latest, active]`: `latest` is `nextResidual` where active; where active and
 * `latest < residual` both it and `nextValue` are taken over; `tolerance = atol + rtol |value|`; active is `residual > tolerance` and
 * `latest < limit` (false for NaN).
 */
const proceeding = kernel<Readonly<Record<'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual', Tensor>>, { readonly atol: number; readonly rtol: number }>('ImpflowProceed');

/** The progress at `state`, in one kernel where the backend has it; `taken` says what the samples take over from `state`. */
const judged = (
  { state, active, value, residual, latest, limit }: Omit<Progress, 'tolerance'>, { atol, rtol }: Criteria, taken: () => Best & Pick<Progress, 'latest'>,
): Progress => {
  const inputs = { active, value, residual, latest, limit, nextValue: state.value, nextResidual: state.residual };
  const [nextValue, nextResidual, tolerance, last, going] = proceeding.run(inputs, { atol, rtol }, () => {
    const best = taken();
    const tolerance = add(atol, mul(rtol, sampleNorm(best.value)));
    // Comparisons with NaN are false, so whatever is not finite is not active; `inf < inf` is false as well.
    return [best.value, best.residual, tolerance, best.latest, logicalAnd(greater(best.residual, tolerance), less(best.latest, limit))];
  });
  return { state, value: nextValue, residual: nextResidual, tolerance, latest: last, limit, active: going };
};

/** How a solver ended, on the host. */
export interface Outcome {
  readonly status: SolveStatus;
  readonly residual: Float32Array;
  readonly converged: Uint8Array;
  /** Of each sample. */
  readonly each: readonly SolveStatus[];
  /** Whether another solver could do better: some sample is undone, and finite at its best. */
  readonly hopeful: boolean;
}

/** What decides how a run ended, `[4 B]`: one tensor, since each read-back waits for the device. */
export const evidence = ({ residual, tolerance, latest, limit }: Pick<Progress, 'residual' | 'tolerance' | 'latest' | 'limit'>): Tensor =>
  concat([residual, tolerance, latest, limit]);

/** How a run ended, read back. */
export const concludeNow = (judged: Parameters<typeof evidence>[0]): Outcome => {
  const numbers = evidence(judged);
  // Not out of a scope: tfjs would look for tensors among the numbers, one by one.
  const outcome = judgedBy(numbers.dataSync<'float32'>() as Float32Array);
  numbers.dispose();
  return outcome;
};

/** How a run ended, from its evidence. */
export const judgedBy = (read: Float32Array): Outcome => {
  // The cpu backend of tfjs reads an empty tensor as a plain array.
  const numbers = read.length === 0 ? new Float32Array(0) : read;
  const samples = numbers.length / 4;
  const part = (i: number): Float32Array => numbers.subarray(i * samples, (i + 1) * samples);
  const [r, tol, last, lost] = [part(0).slice(), part(1), part(2), part(3)];
  const converged = new Uint8Array(samples);
  let each: SolveStatus[] | undefined;
  let hopeful = false;
  // One plain loop: this runs for every solve, and batches are long.
  for (let i = 0; i < samples; i++) {
    // Above 1e19 the squares within a norm overflow, and nothing can be said about the sample.
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
  return { status: WORST_FIRST.find((status) => each.includes(status)) ?? 'converged', residual: r, converged, each, hopeful };
};

const WORST_FIRST = ['non-finite', 'diverged', 'max-steps'] as const;

/** The usual end, one array for all solves of a batch: a message from a worker carries it once. */
const allConverged = (samples: number): readonly SolveStatus[] =>
  usual.length === samples ? usual : usual = Object.freeze(Array.from<SolveStatus>({ length: samples }).fill('converged'));
let usual: readonly SolveStatus[] = Object.freeze([]);
