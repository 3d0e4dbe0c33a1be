import type { SolveReport } from '@impflow/core';
import type { Table } from '@impflow/data';
import type { NormalizingFlow } from '@impflow/flows';
import { batched } from './batched.ts';

/** A held-out result. */
export interface HeldOut {
  /** Mean of `-log p` per row: lower is better. */
  readonly nats: number;
  /** Of that mean. */
  readonly standardError: number;
  readonly rows: number;
}

/** `log p` of every row, in blocks of rows. `report` hears of each solve and of the first row of the block that it belongs to. */
export const logProbs = (flow: NormalizingFlow, { values, columns }: Pick<Table, 'values' | 'columns'>, report?: (report: SolveReport, firstRow: number) => void): Float32Array =>
  batched(values, columns.length, (x, firstRow) => flow.logProb(x, report === undefined ? {} : { report: (solve) => report(solve, firstRow) }));

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
