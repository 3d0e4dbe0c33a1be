import { FlowError } from '@impflow/core';
import { completeRows, pickValues, type Layout, type Values } from '@impflow/tables';

/**
 * The training rows, the validation rows or the test rows of a table. Which numbers are scored depends on the purpose:
 *
 * | for | numbers |
 * | --- | --- |
 * | training, validation, held-out results | `values`, with noise |
 * | the quantiles of the test rows, and `score` | `cells` at the middle of their noise: see `atMiddle` |
 */
export interface Part {
  /** The cells as numbers, without noise. In rows whose gaps the training filled, `cells` equals `values`. */
  readonly cells: Values;
  /** The cells as numbers, with noise on the columns whose numbers repeat. */
  readonly values: Values;
  /**
   * Weight of each row, `[rows]`. In a training, the weights of the training rows have mean 1, and so have the weights
   * of the validation rows and of the test rows.
   */
  readonly weights: Float64Array;
}

/** Returns the number of rows of a part. */
export const rowCount = ({ values }: Part): number => values.rows;

/**
 * Returns whether noise changes any cell of a part. If noise changes no cell, the scores with and without noise are
 * equal.
 */
export const hasNoise = ({ cells, values }: Part): boolean =>
  values.columns.some((column, j) => column.some((value, row) => !Object.is(value, cells.columns[j]![row])));

/** Returns a part that consists of the rows with the given indices. */
export const pickPart = ({ cells, values, weights }: Part, rows: Uint32Array): Part => ({
  cells: pickValues(cells, rows),
  values: pickValues(values, rows),
  weights: Float64Array.from(rows, (row) => weights[row]!),
});

/** Splits a part into the rows without gaps (empty cells) and the rows with gaps. */
export const byGaps = (part: Part, layout: Layout): { readonly complete: Part; readonly withGaps: Part } => {
  const complete = completeRows(part.values, layout);
  const isComplete = new Uint8Array(part.values.rows);
  for (const row of complete) isComplete[row] = 1;
  const withGaps = Uint32Array.from(isComplete.keys()).filter((row) => isComplete[row] === 0);
  return { complete: pickPart(part, complete), withGaps: pickPart(part, withGaps) };
};

/**
 * Scales the row weights of the given parts, so that the mean weight over the rows of all parts is 1.
 *
 * @throws `input` if all weights are 0. The message contains `what` as the name of the rows.
 */
export const weighted = (parts: readonly Part[], what: string): readonly Part[] => {
  const rows = parts.reduce((count, part) => count + rowCount(part), 0);
  const total = parts.reduce((sum, { weights }) => sum + weights.reduce((of, weight) => of + weight, 0), 0);
  if (total > 0)
    return parts.map((part) => ({ ...part, weights: part.weights.map((weight) => (weight * rows) / total) }));
  throw new FlowError('input', 'impflow/fit', `All weights are 0 in the ${what}`, {
    expected: 'at least one row with a weight above 0',
    got: `${rows} rows of weight 0`,
    hint: 'Leave out rows of weight 0, or give more rows.',
  });
};

/** Whether the weights of the rows of a part differ. */
export const isWeighted = ({ weights }: Part): boolean => weights.some((weight) => weight !== weights[0]);
