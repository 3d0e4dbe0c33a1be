import type { Run } from '../state/session-types.ts';
import { fixed } from '../views/axes.ts';

/**
 * Returns a sentence about which of two models has the lower held-out loss. If the difference is at most two standard
 * errors, the sentence names no leader.
 */
export const leadInWords = (a: Pick<Run, 'history'>, b: Pick<Run, 'history'>): string => {
  const [lossesA, lossesB] = [a, b].map(({ history }) => history.value.heldOut.at(-1)?.losses);
  if (lossesA === undefined || lossesB === undefined) return 'The race begins with the first pictures.';
  // The losses of both models are computed on the same held-out rows, so the losses are compared row by row. A row is
  // ignored if only one of the models has a loss for it.
  const rows = Math.min(lossesA.length, lossesB.length);
  const { nats, standardError } = meanOf(Float32Array.from({ length: rows }, (_, i) => lossesB[i]! - lossesA[i]!));
  const lead = `${fixed(Math.abs(nats), 3)} ± ${fixed(standardError, 3)} nats`;
  if (!(Math.abs(nats) > 2 * standardError))
    return `Level: their losses on new points differ by ${lead}, which may be chance.`;
  return `${nats > 0 ? 'A' : 'B'} is ahead: its loss on new points is lower by ${lead}.`;
};

/** Returns the mean of losses in nats, and its standard error. */
export const meanOf = (values: Float32Array): { readonly nats: number; readonly standardError: number } => {
  const count = values.length;
  const nats = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - nats) ** 2, 0);
  return { nats, standardError: Math.sqrt(squares / Math.max(1, count - 1) / count) };
};
