import { tableText } from '../markdown.mjs';
// The page of against.mjs.
import { combined } from './statistics.mjs';

/**
 * The result of one data set and seed. `difference` is above 0 where `fit` of this tree is better.
 *
 * @typedef {object} Line
 * @property {string} data
 * @property {number} seed
 * @property {number} seconds
 * @property {number} rows
 * @property {'nats' | 'AUC'} figure
 * @property {number} fit
 * @property {number} before
 * @property {number} difference
 * @property {number} variance
 */

/** @param {readonly number[]} numbers */
const meanOf = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/**
 * A table of both trees: above 0, `fit` of this tree is better.
 *
 * @param {readonly Line[]} lines
 */
export const againstPage = (lines) =>
  tableText(
    ['data', 'figure', 'seeds', '`fit`', 'before', 'better by'],
    [...new Set(lines.map(({ data }) => data))].map((data) => {
      const of = lines.filter((line) => line.data === data);
      const { difference, standardError, seeds } = combined(of);
      const means = [of.map(({ fit }) => fit), of.map(({ before }) => before)].map((all) => meanOf(all).toFixed(4));
      return [data, of[0].figure, seeds, ...means, `${difference.toFixed(4)} ± ${standardError.toFixed(4)}`];
    }),
  );
