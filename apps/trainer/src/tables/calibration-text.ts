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
Shares that are off by more than chance explains are marked low (intervals too narrow) or high (too
wide).`;

/** Returns the cells of the table of {@link calibrationText}: the name of each column, and its two shares. */
export const calibrationRows = (
  calibration: Evaluation['calibration'],
  rows: number,
): readonly (readonly [column: string, inside50: string, inside90: string])[] =>
  calibration.map(({ column, inside50, inside90 }) => [
    column,
    shareText(inside50, 0.5, rows, calibration.length),
    shareText(inside90, 0.9, rows, calibration.length),
  ]);

/** Probability that any share of a calibrated model is marked. */
const FALSE_ALARMS = 0.05;
/**
 * Returns the number of standard errors by which no share of a calibrated model is off, except with the probability
 * `FALSE_ALARMS` for all shares together. Each column has two shares.
 *
 * @remarks A standard normal number exceeds `t` in size with a probability of at most `exp(-t^2 / 2)`. The bound for a
 *   share is `FALSE_ALARMS` divided by the number of shares, so that the columns may depend on each other.
 */
const mostByChance = (columns: number): number => Math.sqrt(2 * Math.log((2 * columns) / FALSE_ALARMS));
/** Largest number of shares that the verdict names. */
const NAMED = 3;

/**
 * Returns a sentence that states whether the shares of all columns together are off by more than chance explains, with
 * the shares that are furthest off. Returns an empty text if there are no shares.
 */
export const calibrationVerdict = (calibration: Evaluation['calibration'], rows: number): string => {
  const shares = calibration.flatMap(({ column, inside50, inside90 }) =>
    [
      { share: inside50, expected: 0.5 },
      { share: inside90, expected: 0.9 },
    ].map(({ share, expected }) => ({ column, share, expected, off: (share - expected) / errorOf(expected, rows) })),
  );
  if (shares.length === 0) return '';
  const most = mostByChance(calibration.length);
  const wrong = shares.filter(({ off }) => Math.abs(off) > most).toSorted((a, b) => Math.abs(b.off) - Math.abs(a.off));
  if (wrong.length === 0)
    return 'The central intervals of single columns hold about as many rows as they should: no share is off by more than chance explains.';
  const named = wrong
    .slice(0, NAMED)
    .map(
      ({ column, share, expected, off }) =>
        `too ${off < 0 ? 'few' : 'many'} rows of "${column}" (${share.toFixed(decimalsOf(rows))} in the central ${100 * expected} %)`,
    );
  return `The central intervals of the model hold ${named.join(', ')}${wrong.length > NAMED ? `, and ${wrong.length - NAMED} more wrong shares` : ''}, by more than chance explains.`;
};

const decimalsOf = (rows: number): number => Math.max(1, -Math.floor(Math.log10(errorOf(0.9, rows))));

/**
 * Returns a share with the standard error that it has if the model is calibrated. The share is binomial, and the ends of
 * the interval have the error of quantiles of the draws. The number of decimals follows from the number of rows.
 */
const shareText = (share: number, expected: number, rows: number, columns: number): string => {
  const error = errorOf(expected, rows);
  const decimals = decimalsOf(rows);
  const off = share - expected;
  const mark = Math.abs(off) <= mostByChance(columns) * error ? '' : off < 0 ? ' low' : ' high';
  return `${share.toFixed(decimals)} ± ${error.toFixed(decimals)}${mark}`;
};

const errorOf = (share: number, rows: number): number =>
  Math.sqrt(share * (1 - share) * (1 / rows + 1 / CALIBRATION_DRAWS));
