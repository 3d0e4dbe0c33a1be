// Removes cells of fresh rows, fills them with the model, and compares the filled values with the median of the
// training rows.
import { core, data } from '../bench/library.mjs';
import { median } from '../bench/statistics.mjs';

const { fold, key } = core;
const { frameOfValues, isTargetCategory, isTargetNumber, pickValues, withNoise } = data;

/** @import { Trained } from './reasons.mjs' */

/** Largest number of rows that are filled. */
const ROWS = 60;
/**
 * Number of draws of a cell. 39 draws leave 40 intervals for the true value, and 36 of these lie between the second
 * lowest and the second highest draw.
 */
const DRAWS = 39;

/**
 * Result for a column. For numbers: `covered` of `rows` true values lie in the interval, `error` is the error of the
 * draws, `usual` the error of the median. For categories: `right` is the share of categories that the draws predict
 * correctly, `usual` the share that the most frequent category predicts correctly.
 *
 * @typedef {{ name: string; kind: string; usual: number; covered?: number; rows?: number; error?: number; right?: number }} Filled
 */

/**
 * Removes the cells of one column after the other, and draws values for them. Returns for each column of numbers the
 * number of true values inside the central 90 % of the draws, the mean absolute error of the median of the draws, and
 * the mean absolute error of the median of the training rows. Returns for each column of categories the shares of cells
 * that the draws and the most frequent category predict correctly.
 *
 * @param {Trained} run
 * @param {number} seed
 * @returns {readonly Filled[]}
 */
export const filledGaps = ({ spec, trained, train, cells }, seed) => {
  const own = pickValues(
    cells,
    Uint32Array.from({ length: Math.min(ROWS, cells.rows) }, (_, i) => i),
  );
  const truth = withNoise(own, spec.columns, fold(key(seed), 88));
  /** @type {Filled[]} */
  const found = [];
  for (const [j, column] of spec.columns.entries()) {
    if (!isTargetNumber(column) && !isTargetCategory(column)) continue;
    const open = {
      ...own,
      columns: own.columns.map((values, k) => (k === j ? new Float64Array(own.rows).fill(NaN) : values)),
    };
    const { row, values } = trained.impute(frameOfValues(open, spec.columns, 'rows with gaps'), {
      draws: DRAWS,
      key: fold(fold(key(seed), 99), j),
    });
    /** @type {number[][]} */
    const draws = Array.from({ length: own.rows }, () => []);
    row.forEach((place, i) => draws[place].push(values.columns[j][i]));
    const right = [...truth.columns[j]];
    const usual = column.kind === 'category' ? mode([...train.columns[j]]) : median(train.columns[j]);
    if (column.kind === 'category') {
      found.push({
        name: column.name,
        kind: 'category',
        right: share(right, (code, i) => mode(draws[i]) === code),
        usual: share(right, (code) => usual === code),
      });
      continue;
    }
    const sorted = draws.map((list) => list.sort((a, b) => a - b));
    found.push({
      name: column.name,
      kind: 'number',
      covered: right.filter((value, i) => value > sorted[i][1] && value < sorted[i][DRAWS - 2]).length,
      rows: right.length,
      error: meanError(right, sorted.map(median)),
      usual: meanError(
        right,
        right.map(() => usual),
      ),
    });
  }
  return found;
};

/**
 * @param {readonly number[]} right
 * @param {readonly number[]} guess
 */
const meanError = (right, guess) => right.reduce((sum, value, i) => sum + Math.abs(value - guess[i]), 0) / right.length;

/**
 * @param {readonly number[]} values
 * @param {(value: number, i: number) => boolean} is
 */
const share = (values, is) => values.filter(is).length / values.length;

/** @param {readonly number[]} values */
const mode = (values) => {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0][0];
};
