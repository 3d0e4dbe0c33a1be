// Writes tables of README.md and docs/results.md from the records of the study.
import { mean } from '../bench/statistics.mjs';
import { bold, tableText } from '../markdown.mjs';
import { lossOf } from './compare.mjs';

/**
 * @import { Comparison } from './compare.mjs'
 * @import { StudyRecord } from './records.mjs'
 */

/**
 * Data sets by name, with the title and the number of digits of the losses. @type {Readonly<Record<string, readonly
 * [string, number]>>}
 */
const TABLES = {
  wine: ['wine', 2],
  'breast-cancer-10': ['breast cancer', 2],
  'breast-cancer-30': ['breast cancer', 1],
  diabetes: ['diabetes', 2],
  digits: ['digits as rows', 1],
  earthquakes: ['earthquakes', 2],
  zipcodes: ['postal codes', 3],
  flights: ['flights', 3],
};
const RIVALS = {
  default: '`impflow train`',
  nsf: 'spline flow (zuko)',
  maf: 'autoregressive flow (zuko)',
  mixture: 'Gaussian mixture (scikit-learn)',
};
/** @type {Readonly<Record<string, string>>} */
const ANOMALIES = {
  'iris-anomalies': 'iris',
  'breast-cancer-anomalies': 'breast cancer',
  'digits-anomalies': 'digits, ten classes',
  'wine-anomalies': 'wine',
};
const DETECTORS = {
  standard: '`impflow`',
  nsf: 'spline flow',
  mixture: 'Gaussian mixture',
  'isolation-forest': 'isolation forest',
  lof: 'local outlier factor',
  knn: 'nearest neighbors',
};
/** @type {Readonly<Record<string, string>>} */
const TOYS = {
  'thin-gaussians': 'eight thin Gaussians',
  'thin-rings': 'thin rings',
  '2spirals': 'two spirals',
  '8gaussians': 'eight wide Gaussians',
  swissroll: 'swiss roll',
};

/**
 * Returns the mean loss of each contender, the lowest in bold. For anomalies the loss is 1 minus the area under the
 * curve, and `shown` prints the area.
 *
 * @param {readonly StudyRecord[]} records
 * @param {string} data
 * @param {object} contenders
 * @param {(loss: number) => string} shown
 */
const row = (records, data, contenders, shown) => {
  const losses = Object.keys(contenders).map((contender) =>
    mean(records.filter((each) => each.data === data && each.contender === contender).map(lossOf)),
  );
  return losses.map((loss) => bold(shown(loss), loss === Math.min(...losses)));
};

/** @param {readonly StudyRecord[]} records */
export const densitiesTable = (records) =>
  tableText(
    ['table (rows, columns)', ...Object.values(RIVALS)],
    Object.entries(TABLES).map(([data, [title, digits]]) => {
      const { rows, columns } = records.find((each) => each.data === data) ?? records[0];
      const all = rows.train + rows.validation + rows.test;
      return [
        `${title} (${all.toLocaleString('en')}, ${columns})`,
        ...row(records, data, RIVALS, (loss) => loss.toFixed(digits)),
      ];
    }),
  );

/** @param {readonly StudyRecord[]} records */
export const anomaliesTable = (records) =>
  tableText(
    ['data', ...Object.values(DETECTORS)],
    Object.entries(ANOMALIES).map(([data, title]) => [
      title,
      ...row(records, data, DETECTORS, (loss) => (1 - loss).toFixed(3)),
    ]),
  );

/**
 * Returns by how many nats three implicit blocks are better than six residual blocks, for data sets of which all seeds
 * were measured.
 *
 * @param {Readonly<Record<string, Pick<Comparison, 'pairs'>>>} comparisons
 */
export const blocksTable = (comparisons) =>
  tableText(
    ['data', 'implicit is better by'],
    Object.entries(comparisons)
      .flatMap(([data, { pairs }]) => {
        const gap = pairs['implicit-shallow'];
        return gap === undefined || gap.seeds < 3 ? [] : [{ data, ...gap }];
      })
      .sort((a, b) => a.difference - b.difference)
      .map(({ data, difference, standardError }) => [
        TOYS[data] ?? data,
        `${(-difference).toFixed(3)} ± ${standardError.toFixed(3)}`,
      ]),
  );
