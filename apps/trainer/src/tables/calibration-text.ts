import type { Evaluation } from 'impflow';
import { CALIBRATION_DRAWS, number } from 'impflow/run';
import { table } from '../terminal/table.ts';

/**
 * Returns a table of the shares of rows inside the central intervals of the model, with standard errors, and its
 * explanation.
 *
 * @param rows Number of rows.
 */
export const calibrationText = (calibration: Evaluation['calibration'], rows: number): string => `${table({
  head: ['calibration: share of rows inside', 'the central 50 %', 'the central 90 %'],
  rows: calibrationRows(calibration, rows),
})}
Expected are 0.5 and 0.9. The intervals come from ${number(CALIBRATION_DRAWS)} draws of the model. ± is one standard error.
Shares off by more than two standard errors are marked low or high; one in twenty is so by chance.`;

/** Returns the cells of the table of {@link calibrationText}: the name of each column, and its two shares. */
export const calibrationRows = (
  calibration: Evaluation['calibration'],
  rows: number,
): readonly (readonly [column: string, inside50: string, inside90: string])[] =>
  calibration.map(({ column, inside50, inside90 }) => [
    column,
    shareText(inside50, 0.5, rows),
    shareText(inside90, 0.9, rows),
  ]);

/**
 * Returns a share with the standard error that it has if the model is calibrated. The share is binomial, and the ends of
 * the interval have the error of quantiles of the draws. The number of decimals follows from the number of rows.
 */
const shareText = (share: number, expected: number, rows: number): string => {
  const error = errorOf(expected, rows);
  const decimals = Math.max(1, -Math.floor(Math.log10(errorOf(0.9, rows))));
  const off = share - expected;
  const mark = Math.abs(off) <= 2 * error ? '' : off < 0 ? ' low' : ' high';
  return `${share.toFixed(decimals)} ± ${error.toFixed(decimals)}${mark}`;
};

const errorOf = (share: number, rows: number): number =>
  Math.sqrt(share * (1 - share) * (1 / rows + 1 / CALIBRATION_DRAWS));
