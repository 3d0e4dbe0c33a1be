import { currentAttempt, capabilities, kept, type SolveStats, type SolveStatus, type SolveEnd } from '@impflow/core';
import { concat, type Tensor } from '@tensorflow/tfjs-core';
import type { SampleProgress } from './sample-progress.ts';
import type { OnEnd } from './solve-options.ts';

/** The tensors on the device from which statuses are computed, `[B]` each. */
export type Evidence = Pick<SampleProgress, 'residual' | 'tolerance' | 'latest' | 'limit'>;

/** Status of each sample, on the host, computed from the numbers of {@link Evidence}. */
export interface Statuses {
  /** The worst status among all samples. */
  readonly worst: SolveStatus;
  /** Residual, convergence flag and status of each sample. */
  readonly samples: Pick<SolveStats, 'residual' | 'converged' | 'status'>;
  /** Whether a fallback may help: at least one sample has not converged and is finite at its best iterate. */
  readonly hopeful: boolean;
}

/** Returns the four vectors in one tensor, `[4 B]`, because each read-back waits for the device. */
export const evidenceTensor = ({ residual, tolerance, latest, limit }: Evidence): Tensor =>
  concat([residual, tolerance, latest, limit]);

/** Reads the statuses from the device. */
export const readStatuses = (evidence: Evidence): Statuses => {
  const numbers = evidenceTensor(evidence);
  // Do not call `scoped` here: tfjs would search the returned arrays for tensors, number by number.
  const statuses = statusesOf(numbers.dataSync<'float32'>() as Float32Array);
  numbers.dispose();
  return statuses;
};

/** Returns the statuses from the numbers of {@link evidenceTensor}. */
export const statusesOf = (read: Float32Array): Statuses => {
  // The cpu backend of tfjs reads an empty tensor as a plain array.
  const numbers = read.length === 0 ? new Float32Array(0) : read;
  const samples = numbers.length / 4;
  const part = (i: number): Float32Array => numbers.subarray(i * samples, (i + 1) * samples);
  const [residual, tolerance, latest, limit] = [part(0).slice(), part(1), part(2), part(3)];
  const converged = new Uint8Array(samples);
  let status: SolveStatus[] | undefined;
  let hopeful = false;
  // One loop computes everything, because the function runs for every solve and batches are large.
  for (let i = 0; i < samples; i++) {
    // If entries of a sample are above 1e19, the squares of the entries overflow, so the norm is infinite.
    const finite = Number.isFinite(residual[i]!) && Number.isFinite(tolerance[i]!);
    if (finite && residual[i]! <= tolerance[i]!) {
      converged[i] = 1;
      continue;
    }
    hopeful ||= finite;
    status ??= [...allConverged(samples)];
    status[i] =
      !finite || !Number.isFinite(latest[i]!) ? 'non-finite' : latest[i]! >= limit[i]! ? 'diverged' : 'max-steps';
  }
  const statuses = status ?? allConverged(samples);
  return {
    worst: WORST_FIRST.find((one) => statuses.includes(one)) ?? 'converged',
    samples: { residual, converged, status: statuses },
    hopeful,
  };
};

/** Returns the number of steps of a solve: the largest number of steps of any sample, or 0 for an empty batch. */
export const mostSteps = (stepsPerSample: Float32Array): number =>
  stepsPerSample.reduce((most, steps) => Math.max(most, steps), 0);

const WORST_FIRST = ['non-finite', 'diverged', 'max-steps'] as const;

/**
 * Returns the statuses of a batch in which every sample converged. Consecutive solves with equal numbers of samples
 * share one array, so that a message from a worker contains the array only once.
 */
const allConverged = (samples: number): readonly SolveStatus[] =>
  usual.length === samples
    ? usual
    : (usual = Object.freeze(Array.from<SolveStatus>({ length: samples }).fill('converged')));
let usual: readonly SolveStatus[] = Object.freeze([]);

/** Statistics of a solve that are available without reading the device. */
export type Figures = Omit<SolveStats, keyof Statuses['samples']>;

/**
 * Ends a solve whose {@link evidenceTensor} is on the device: immediately if the backend has synchronous reads, else
 * after `settle` has read the tensor.
 */
export const endOf = (caller: string, evidence: Tensor, figures: Figures, onEnd?: OnEnd): SolveEnd =>
  capabilities().syncRead
    ? endNow(statusesOf(evidence.dataSync<'float32'>() as Float32Array), figures, onEnd)
    : endLater(caller, evidence, figures, { onEnd });

/** Ends a solve whose statuses have been read. Calls `onEnd`. */
export const endNow = ({ worst, samples }: Statuses, figures: Figures, onEnd?: OnEnd): SolveEnd => {
  const end: SolveEnd = { status: worst, stats: { ...figures, ...samples } };
  onEnd?.(end);
  return end;
};

/**
 * Ends a solve with the status `unread`. `settle` of `@impflow/core` reads the residuals after the attempt. If more
 * steps may help, `settle` repeats the attempt with more steps; else it calls `onEnd`. Iterative methods pass
 * `stepsPerSample [B]`.
 */
export const endLater = (
  caller: string,
  evidence: Tensor,
  figures: Figures,
  { onEnd, stepsPerSample }: { readonly onEnd?: OnEnd | undefined; readonly stepsPerSample?: Tensor },
): SolveEnd => {
  const numbers = kept(() => (stepsPerSample === undefined ? evidence.clone() : concat([evidence, stepsPerSample])));
  const samples = evidence.size / 4;
  currentAttempt(caller).leave({
    drop: () => numbers.dispose(),
    read: async () => {
      const read = (await numbers.data<'float32'>()) as Float32Array;
      numbers.dispose();
      const statuses = statusesOf(read.subarray(0, 4 * samples));
      const needed = stepsPerSample === undefined ? undefined : mostSteps(read.subarray(4 * samples));
      return {
        steps: needed ?? 0,
        hopeful: needed !== undefined && statuses.hopeful,
        tell: () => endNow(statuses, { ...figures, steps: needed ?? figures.steps }, onEnd),
      };
    },
  });
  return {
    status: 'unread',
    stats: { ...figures, residual: new Float32Array(0), converged: new Uint8Array(0), status: [] },
  };
};
