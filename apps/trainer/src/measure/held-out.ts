import { fold, key, type SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { number } from '../terminal/format.ts';
import { batched } from './batched.ts';
import type { Events } from './events.ts';

/** Held-out figures of a density. */
export interface HeldOut {
  /** Mean of `-log p`, in nats per row. Lower is better. */
  readonly nats: number;
  /** Standard error of `nats`. 0 for a single row, which has no error bar: see {@link withError}. */
  readonly standardError: number;
  /** Number of rows. */
  readonly rows: number;
}

// Three functions compute log-densities of events. `logProbs` is the plain one. `modelOutputs` gives the same numbers,
// may share the work among workers, and also gives the logits of a classifier. `scored` is for the answers on rows: an
// estimate is averaged over draws, has an error, and does not depend on the place of the row. The noise of an image
// depends on its place anyway.

/**
 * `log p` of every event, `[count]`. Events are evaluated in blocks. The events of a block share the random length of
 * an estimator's series; each block has its own. `report` is called once per solve, with the index of the first event
 * of its block.
 */
export const logProbs = (
  flow: NormalizingFlow,
  events: Events,
  report?: (report: SolveReport, firstRow: number) => void,
): Float32Array =>
  batched(events, (x, firstRow) =>
    flow.logProb(x, {
      key: fold(key(0), firstRow),
      ...(report === undefined ? {} : { report: (solve: SolveReport) => report(solve, firstRow) }),
    }),
  );

/**
 * Mean negative log-density and its standard error, from log-densities. With weights, the mean is weighted, and the
 * error is that of a ratio of sums (Cochran, Sampling Techniques, 1977, section 2.11).
 */
export const heldOut = (logDensities: ArrayLike<number>, weights?: ArrayLike<number>): HeldOut => {
  const rows = logDensities.length;
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  let [sum, total] = [0, 0];
  for (let i = 0; i < rows; i++) {
    sum -= weightOf(i) * logDensities[i]!;
    total += weightOf(i);
  }
  const nats = sum / total;
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += (weightOf(i) * (-logDensities[i]! - nats)) ** 2;
  return { nats, standardError: Math.sqrt((squares * (rows / Math.max(1, rows - 1))) / total ** 2), rows };
};

/** Text of the log-likelihood per row with its standard error. A single row has no error. */
export const withError = ({ nats, standardError, rows }: HeldOut): string =>
  `${number(-nats, 5)}${rows < 2 ? ', one row: no error bar' : ` ± ${number(standardError, 2)}`}`;

/** The figures for JSON: `standardError` is null for a single row. */
export const withErrorOrNull = (
  figures: HeldOut,
): Omit<HeldOut, 'standardError'> & { readonly standardError: number | null } => ({
  ...figures,
  standardError: figures.rows < 2 ? null : figures.standardError,
});
