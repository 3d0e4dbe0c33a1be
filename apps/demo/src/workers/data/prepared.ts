import type { Key } from '@impflow/core';
import type { RecordsSpec, Values } from '@impflow/tables';
import { sampledBatches, tableBatches, rowCount, type Batches, type Part, type TableParts } from 'impflow/run';
import type { PointColors, Region } from '../../protocol/data.ts';

/** Data for training and pictures. */
export interface Prepared {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** Sentences on the rows: their kind, their source, and how they were changed. */
  readonly about: string;
  /** The rows to train on. A toy draws new rows for each step, unless their number is given. */
  readonly parts: TableParts;
  /** Whether the flow begins by standardizing the columns. Toys have the same scale in both. */
  readonly isScaled: boolean;
  /** Training rows, `[n, 2]`; empty if every step draws new ones. */
  readonly train: Float32Array;
  /** Colors of the training rows; absent if they have one color. */
  readonly colors?: PointColors;
  /** Held-out rows, `[m, 2]`. */
  readonly heldOut: Float32Array;
  /** Entropy in nats, if the density is known. */
  readonly entropy?: number;
  readonly region: Region;
  /** Height of a picture of the region divided by its width: a map keeps its proportions. */
  readonly aspect: number;
  /** Borders of land, `[m, 2]`; a pair of NaN ends each line. */
  readonly outline?: Float32Array;
}

/** The batches of a training on these data. A batch of fixed rows has at most as many rows as there are. */
export const batchesOf = (
  { parts: { sampler, train } }: Prepared,
  spec: RecordsSpec,
  batch: number,
  key: Key,
): Batches =>
  sampler === undefined
    ? tableBatches(spec, train, Math.min(batch, rowCount(train)), key)
    : sampledBatches(sampler, batch, key);

/** The rows of parts, one after the other, `[n, 2]`. */
export const pairsOf = (...parts: readonly { readonly values: Values }[]): Float32Array => {
  const out = new Float32Array(2 * parts.reduce((count, { values }) => count + values.rows, 0));
  let at = 0;
  for (const { values } of parts)
    for (let row = 0; row < values.rows; row++) for (const column of values.columns) out[at++] = column[row]!;
  return out;
};

/** Rows `[n, 2]` as values of two columns of numbers. */
export const valuesOfPairs = (rows: Float32Array): Values => ({
  rows: rows.length / 2,
  columns: [0, 1].map((j) => Float64Array.from({ length: rows.length / 2 }, (_, row) => rows[2 * row + j]!)),
  remarks: [],
});

/** Rows `[n, 2]` as a part of the data. */
export const partOfPairs = (rows: Float32Array): Part => {
  const values = valuesOfPairs(rows);
  return { cells: values, values, weights: new Float64Array(values.rows).fill(1) };
};
