import { FlowError } from '@impflow/core';
import { completeRows, pickValues, type Layout, type Values } from '@impflow/tables';

/**
 * Rows of one part of the data. The densities of these numbers are computed:
 *
 * | for | numbers |
 * | --- | --- |
 * | training, validation, held-out results | `values`, with noise |
 * | the quantiles of the test rows, and `score` | `cells` at the middle of their noise: see `atMiddle` |
 */
export interface Part {
  /** The cells as numbers, without noise. Cells that the training filled have no form without noise. */
  readonly cells: Values;
  /** The cells with noise on numbers that repeat. */
  readonly values: Values;
  /** Weight of each row, `[rows]`. Weights for training and for held-out results have mean 1. */
  readonly weights: Float64Array;
}

/** Returns the number of rows of a part. */
export const rowCount = ({ values }: Part): number => values.rows;

/** Whether the noise changes some cells of a part. Otherwise the rows with and without noise have the same scores. */
export const hasNoise = ({ cells, values }: Part): boolean =>
  values.columns.some((column, j) => column.some((value, row) => !Object.is(value, cells.columns[j]![row])));

/** Returns the rows of a part at these indices. */
export const pickPart = ({ cells, values, weights }: Part, rows: Uint32Array): Part => ({
  cells: pickValues(cells, rows),
  values: pickValues(values, rows),
  weights: Float64Array.from(rows, (row) => weights[row]!),
});

/** Splits a part into the rows without gaps and the rows with gaps. */
export const byGaps = (part: Part, layout: Layout): { readonly complete: Part; readonly withGaps: Part } => {
  const complete = completeRows(part.values, layout);
  const isComplete = new Uint8Array(part.values.rows);
  for (const row of complete) isComplete[row] = 1;
  const withGaps = Uint32Array.from(isComplete.keys()).filter((row) => isComplete[row] === 0);
  return { complete: pickPart(part, complete), withGaps: pickPart(part, withGaps) };
};

/**
 * Returns the parts with their weights scaled to a mean of 1 over all of them.
 *
 * @throws `input` if all weights are 0. `what` names the rows.
 */
export const weighted = (parts: readonly Part[], what: string): readonly Part[] => {
  const rows = parts.reduce((count, part) => count + rowCount(part), 0);
  const total = parts.reduce((sum, { weights }) => sum + weights.reduce((of, weight) => of + weight, 0), 0);
  if (total > 0)
    return parts.map((part) => ({ ...part, weights: part.weights.map((weight) => (weight * rows) / total) }));
  throw new FlowError('input', 'impflow/fit', `No weight in the ${what}`, {
    expected: 'at least one row with a weight above 0',
    got: `${rows} rows of weight 0`,
    hint: 'Leave out rows of weight 0, or give more rows.',
  });
};

/** Whether the weights of the rows of a part differ. */
export const isWeighted = ({ weights }: Part): boolean => weights.some((weight) => weight !== weights[0]);
