import { fold, key, type SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { number } from '../terminal/table.ts';
import { batched } from './batched.ts';
import type { Events } from './events.ts';

/** A held-out result. */
export interface HeldOut {
  /** Mean of `-log p` per row: lower is better. */
  readonly nats: number;
  /** Standard error of `nats`. 0 for a single row, which has no error bar: see {@link withError}. */
  readonly standardError: number;
  readonly rows: number;
}

/**
 * `log p` of every event, in blocks; those of a block share their draws of an estimator's length, so each block has its own.
 * `report` hears of each solve and of the first event of the block that it belongs to.
 */
export const logProbs = (flow: NormalizingFlow, events: Events, report?: (report: SolveReport, firstRow: number) => void): Float32Array =>
  batched(events, (x, firstRow) => flow.logProb(x, { key: fold(key(0), firstRow), ...(report === undefined ? {} : { report: (solve: SolveReport) => report(solve, firstRow) }) }));

/** Mean negative log-density and its standard error, from log-densities. */
export const heldOut = (logDensities: ArrayLike<number>): HeldOut => {
  const rows = logDensities.length;
  let sum = 0;
  for (let i = 0; i < rows; i++) sum -= logDensities[i]!;
  const nats = sum / rows;
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += (-logDensities[i]! - nats) ** 2;
  return { nats, standardError: Math.sqrt(squares / Math.max(1, rows - 1) / rows), rows };
};

/** Log-likelihood per row with its standard error, for people: one row has none. */
export const withError = ({ nats, standardError, rows }: HeldOut): string => `${number(-nats, 5)}${rows < 2 ? ', one row: no error bar' : ` ± ${number(standardError, 2)}`}`;

/** The same for programs: `standardError` is null for one row. */
export const withErrorOrNull = (figures: HeldOut): Omit<HeldOut, 'standardError'> & { readonly standardError: number | null } =>
  ({ ...figures, standardError: figures.rows < 2 ? null : figures.standardError });
