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
  rows: calibration.map(({ column, inside50, inside90 }) => [
    column,
    shareText(inside50, 0.5, rows),
    shareText(inside90, 0.9, rows),
  ]),
})}
The shares should be about 0.5 and 0.9. The intervals come from ${number(CALIBRATION_DRAWS)} draws of the model.
± is one standard error. A share that is wrong by more than two standard errors is marked low or high: by
chance, one in twenty is.`;

/**
 * Returns a share with the standard error that it has if the model is calibrated. The share is binomial, and the ends of
 * the interval have the error of quantiles of the draws. The number of decimals follows from the standard error.
 */
const shareText = (share: number, expected: number, rows: number): string => {
  const error = Math.sqrt(expected * (1 - expected) * (1 / rows + 1 / CALIBRATION_DRAWS));
  const decimals = Math.max(1, -Math.floor(Math.log10(error)));
  const off = share - expected;
  const mark = Math.abs(off) <= 2 * error ? '' : off < 0 ? ' low' : ' high';
  return `${share.toFixed(decimals)} ± ${error.toFixed(decimals)}${mark}`;
};
