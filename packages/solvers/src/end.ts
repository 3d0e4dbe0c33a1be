import { attempt, capabilities, scoped, type SolveEnd, type SolveStats } from '@impflow/core';
import { concat, keep, type Tensor } from '@tensorflow/tfjs-core';
import { evidence, judgedBy, type Outcome, type Progress } from './progress.ts';

/** Told what a solve came to: at once where the backend can be read at once, else when it settles. */
export type OnEnd = (end: SolveEnd) => void;

type Judged = Pick<Progress, 'residual' | 'tolerance' | 'latest' | 'limit'>;
type Counted = Omit<SolveStats, 'residual' | 'converged'>;

/** The end of a run that was looked at, read back. */
export const concludeNow = (judged: Judged): Outcome => {
  const numbers = evidence(judged);
  // Not out of a scope: tfjs would look for tensors among the numbers, one by one.
  const outcome = judgedBy(numbers.dataSync<'float32'>() as Float32Array);
  numbers.dispose();
  return outcome;
};

/**
 * The end of a run that nobody looked at, left to whoever settles it; `taken` `[B]` are the steps of each sample. What is known now is how many were made.
 */
export const concludeLater = (at: string, judged: Judged & { readonly taken?: Tensor }, counted: Counted, onEnd?: OnEnd): SolveEnd => {
  const { taken } = judged;
  const numbers = keep(scoped(() => concat([evidence(judged), ...(taken === undefined ? [] : [taken])])));
  const samples = judged.residual.size;
  attempt(at).leave({
    drop: () => numbers.dispose(),
    read: async () => {
      const read = await numbers.data<'float32'>() as Float32Array;
      numbers.dispose();
      const { status, residual, converged, hopeful } = judgedBy(read.subarray(0, 4 * samples));
      const steps = taken === undefined ? 0 : read.subarray(4 * samples).reduce((most, n) => Math.max(most, n), 0);
      return { steps, hopeful: taken !== undefined && hopeful, tell: () => onEnd?.({ status, stats: { ...counted, ...(taken === undefined ? {} : { steps }), residual, converged } }) };
    },
  });
  return { status: 'unread', stats: { ...counted, residual: new Float32Array(0), converged: new Uint8Array(0) } };
};

/** The end of a method without steps. */
export const conclude = (at: string, judged: Judged, counted: Counted, onEnd?: OnEnd): SolveEnd => {
  if (!capabilities().syncRead) return concludeLater(at, judged, counted, onEnd);
  const { status, residual, converged } = concludeNow(judged);
  const end = { status, stats: { ...counted, residual, converged } };
  onEnd?.(end);
  return end;
};
