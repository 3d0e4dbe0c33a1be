import { currentAttempt, capabilities, kept, type SolveEnd, type SolveStats } from '@impflow/core';
import { concat, type Tensor } from '@tensorflow/tfjs-core';
import type { OnEnd } from './solve-options.ts';
import { evidenceTensor, mostSteps, readStatuses, statusesOf, type Evidence, type Statuses } from './statuses.ts';

/** Figures of a solve that are known without reading the device. */
export type Figures = Omit<SolveStats, keyof Statuses['samples']>;

/** Ends a solve whose evidence is on the device: now where the backend can be read at once, else later. */
export const endOf = (caller: string, evidence: Evidence, figures: Figures, onEnd?: OnEnd): SolveEnd =>
  capabilities().syncRead ? endNow(readStatuses(evidence), figures, onEnd) : endLater(caller, evidence, figures, onEnd);

/** Ends a solve whose statuses have been read. Calls `onEnd`. */
export const endNow = ({ worst, samples }: Statuses, figures: Figures, onEnd?: OnEnd): SolveEnd => {
  const end: SolveEnd = { status: worst, stats: { ...figures, ...samples } };
  onEnd?.(end);
  return end;
};

/**
 * Ends a solve with the status `unread`. It leaves the evidence to `settle` of core, which reads it after the attempt,
 * repeats the attempt with more steps if that may help, and else calls `onEnd`. `stepsPerSample [B]` is given for a
 * method that has steps.
 */
export const endLater = (
  caller: string,
  evidence: Evidence & { readonly stepsPerSample?: Tensor },
  figures: Figures,
  onEnd?: OnEnd,
): SolveEnd => {
  const { stepsPerSample } = evidence;
  const numbers = kept(() =>
    concat([evidenceTensor(evidence), ...(stepsPerSample === undefined ? [] : [stepsPerSample])]),
  );
  const samples = evidence.residual.size;
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
