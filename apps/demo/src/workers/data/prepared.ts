import type { Key } from '@impflow/core';
import type { RecordsSpec, Values } from '@impflow/tables';
import { sampledBatches, tableBatches, rowCount, type Batches, type Part, type TableParts } from 'impflow/run';
import type { PointColors, Region } from '../../protocol/data.ts';

/** Value of the option `transform` of impflow. The page does not transform columns before training. */
export const TRANSFORM: readonly string[] = ['none'];

/** Data that are ready for training and for pictures. */
export interface Prepared {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** Sentences that describe the rows: their kind, their source, and how the page has changed them. */
  readonly about: string;
  /**
   * The training rows and the held-out rows, as impflow represents them. For a toy density, new training rows are drawn
   * at each step, unless the visitor has chosen a number of rows.
   */
  readonly parts: TableParts;
  /**
   * Whether the first block of the flow standardizes the columns. Toy densities need no standardizing block, because
   * both of their columns have the same scale.
   */
  readonly isScaled: boolean;
  /** Training rows, `[n, 2]`. Empty if every step draws new rows. */
  readonly train: Float32Array;
  /** Colors of the training rows. Absent if all rows have the same color. */
  readonly colors?: PointColors;
  /** Held-out rows, `[m, 2]`: test rows, on which models are judged. */
  readonly heldOut: Float32Array;
  /** Entropy of the data in nats, if the density of the data is known. */
  readonly entropy?: number;
  readonly region: Region;
  /**
   * Height of a picture of the region divided by its width. For geographic data this ratio gives a map its usual
   * proportions.
   */
  readonly aspect: number;
  /** Borders of land, `[m, 2]`; a pair of NaN ends each line. */
  readonly outline?: Float32Array;
}

/**
 * Returns the batches for a training on these data. If the training rows are fixed, the batch size is at most the
 * number of training rows.
 */
export const batchesOf = (
  { parts: { sampler, complete: train } }: Prepared,
  spec: RecordsSpec,
  batch: number,
  key: Key,
): Batches =>
  sampler === undefined
    ? tableBatches(spec, train, Math.min(batch, rowCount(train)), key)
    : sampledBatches(sampler, batch, key);

/** Returns the concatenated rows of several parts of the data (training, validation, test), `[n, 2]`. */
export const pairsOf = (...parts: readonly { readonly values: Values }[]): Float32Array => {
  const out = new Float32Array(2 * parts.reduce((count, { values }) => count + values.rows, 0));
  let at = 0;
  for (const { values } of parts)
    for (let row = 0; row < values.rows; row++) for (const column of values.columns) out[at++] = column[row]!;
  return out;
};

/** Converts rows `[n, 2]` to two columns of numbers. */
export const valuesOfPairs = (rows: Float32Array): Values => ({
  rows: rows.length / 2,
  columns: [0, 1].map((j) => Float64Array.from({ length: rows.length / 2 }, (_, row) => rows[2 * row + j]!)),
  remarks: [],
});

/** Converts rows `[n, 2]` to a part of the data (training, validation or test) whose rows have weight 1. */
export const partOfPairs = (rows: Float32Array): Part => {
  const values = valuesOfPairs(rows);
  return { cells: values, values, weights: new Float64Array(values.rows).fill(1) };
};
