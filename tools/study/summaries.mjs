// Writes tables of README.md and docs/results.md from the records of the study.
import { mean } from '../bench/statistics.mjs';
import { bold, tableText } from '../markdown.mjs';
import { compared, lossOf } from './compare.mjs';
import { fixed } from './page-tables.mjs';

/**
 * @import { Comparison } from './compare.mjs'
 * @import { StudyRecord } from './records.mjs'
 */

/**
 * Data sets by name, with the title and the number of digits of the losses, from few rows to many.
 *
 * @type {Readonly<Record<string, readonly [string, number]>>}
 */
const TABLES = {
  wine: ['wine', 2],
  diabetes: ['diabetes', 2],
  'breast-cancer-10': ['breast cancer', 2],
  'breast-cancer-30': ['breast cancer', 1],
  earthquakes: ['earthquakes', 2],
  digits: ['digits as rows', 1],
  factors: ['factor model', 2],
  letters: ['letters', 2],
  zipcodes: ['postal codes', 3],
  patches: ['photo patches', 2],
  hipparcos: ['Hipparcos stars', 3],
  flights: ['flights', 3],
  gaia: ['Gaia stars', 3],
};
/** Part of the name of a model that is a fitted mixture (model-name.ts of impflow). */
const NOT_IMPROVED = 'the flow did not improve it';
/** The column of `impflow train`. */
const DEFAULT = 'default';
const RIVALS = {
  [DEFAULT]: '`impflow train`',
  nsf: 'spline flow (zuko)',
  mixture: 'Gaussian mixture (scikit-learn)',
  kde: 'kernel density (scikit-learn)',
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

/** Standard errors by which the lowest loss of a row must lead to be bold. */
const CLEAR = 2;

/**
 * Returns the table of README.md: mean losses of `impflow train` and of rivals. A loss is bold if it is lower than each
 * other loss of its row by more than two paired standard errors. The last column has the number of trainings whose
 * model is a flow; the models of the other trainings are the mixture from which they started.
 *
 * @param {readonly StudyRecord[]} records
 */
export const densitiesTable = (records) => {
  const shown = records.filter(({ data, contender }) => data in TABLES && contender in RIVALS);
  const { comparisons } = compared(shown);
  return tableText(
    ['table (rows, columns)', ...Object.values(RIVALS), 'the flow won'],
    Object.entries(TABLES)
      .filter(([data]) => data in comparisons)
      .map(([data, [title, digits]]) => {
        const all = shown.filter((record) => record.data === data);
        const { best, against } = comparisons[data];
        const isClear = Object.keys(RIVALS).every((name) => {
          const gap = against[name];
          return name === best || (gap !== undefined && gap.difference > CLEAR * gap.standardError);
        });
        const [{ rows, columns }] = all;
        const won = all.filter(({ contender }) => contender === DEFAULT).map(({ details }) => details?.won ?? '');
        return [
          `${title} (${(rows.train + rows.validation + rows.test).toLocaleString('en')}, ${columns})`,
          ...Object.keys(RIVALS).map((name) => {
            const losses = all.filter(({ contender }) => contender === name).map(lossOf);
            return losses.length === 0 ? '–' : bold(fixed(mean(losses), digits), isClear && name === best);
          }),
          `${won.filter((name) => !name.includes(NOT_IMPROVED)).length} of ${won.length}`,
        ];
      }),
  );
};

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
