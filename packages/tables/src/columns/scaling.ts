import { FlowError } from '@impflow/core';
import type { NumberRows } from './number-rows.ts';

/** Constants that standardize columns: `(x - mean) / scale`. The log-determinant of a row is `-sum log scale`. */
export interface Scaling {
  /** Mean of each column, `[columns]`. */
  readonly mean: readonly number[];
  /** Standard deviation of each column, `[columns]`, all above 0. */
  readonly scale: readonly number[];
}

/**
 * A column counts as constant if its standard deviation is below this fraction of its mean, because the deviation is
 * then a rounding error.
 */
const ROUNDING = 1e-12;

/**
 * Returns the mean and the standard deviation of each column. Fit the scaling on the training rows only, and keep it
 * with the model.
 *
 * @param weights Weight of each row, `[rows]`. Default: all rows have equal weight.
 * @remarks Takes two passes in double precision, so that no digits are lost if the mean is far from zero.
 * @throws `input` for a column that is constant or has missing cells.
 */
export const fitScaling = ({ rows, columns, values, source }: NumberRows, weights?: Float64Array): Scaling => {
  const d = columns.length;
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  let total = 0;
  for (let row = 0; row < rows; row++) total += weightOf(row);
  const average = (of: (row: number) => number): number => {
    let sum = 0;
    // The cells of a row of weight 0 may have any value, also NaN.
    for (let row = 0; row < rows; row++) if (weightOf(row) > 0) sum += (weightOf(row) / total) * of(row);
    return sum;
  };
  const mean = columns.map((_, j) => average((row) => values[row * d + j]!));
  const scale = columns.map((_, j) => Math.sqrt(average((row) => (values[row * d + j]! - mean[j]!) ** 2)));
  const wrong = scale.findIndex((value, j) => !(value > ROUNDING * Math.abs(mean[j]!) && value < Infinity));
  if (wrong < 0) return { mean, scale };
  const isGap = total > 0 && Number.isNaN(scale[wrong]);
  throw new FlowError(
    'input',
    'tables/fitScaling',
    `Nothing to learn in the column "${columns[wrong]!}" of ${source}`,
    {
      expected: 'different values, without gaps',
      got: isGap ? 'a gap' : total > 0 ? `${mean[wrong]!} in every row` : 'no row that counts',
      hint: isGap ? 'Fill the missing cell, or leave out its row.' : `Leave the column out: ${columns[wrong]!}`,
    },
  );
};
