// Simple densities with which a trained run is compared. The densities are fitted to the training rows of the run.
// Their log-densities are in nats, in the units of the file, as the scores of the run are. So losses can be compared.
import { data } from '../bench/library.mjs';

const { coordinatesOfRecords, isTargetCategory, isTargetNumber, logCategoriesOf } = data;

/**
 * @import { RecordsSpec, Values } from '../../packages/tables/dist/index.js'
 */

/**
 * Rows in the form that the densities of this file read. `numbers [rows][d]` are mapped and standardized as in the run,
 * `codes` are the codes of each category column, and `logDet` converts log-densities of the numbers to the units of the
 * file.
 *
 * @typedef {object} RivalRows
 * @property {readonly (readonly number[])[]} numbers
 * @property {readonly (readonly number[])[]} codes
 * @property {Float64Array} logDet
 */

/**
 * @param {RecordsSpec} spec
 * @param {Values} values Complete rows.
 * @returns {RivalRows}
 */
export const rivalRows = (spec, values) => {
  const d = spec.columns.filter(isTargetNumber).length;
  const blocks = spec.flow.blocks.filter(({ kind }) => kind === 'columnMaps' || kind === 'standardize');
  const { values: numbers, logDet } = coordinatesOfRecords({ ...spec, flow: { ...spec.flow, blocks } }, values);
  return {
    numbers: Array.from({ length: values.rows }, (_, row) => [...numbers.subarray(row * d, (row + 1) * d)]),
    codes: spec.columns.flatMap((column, j) => (isTargetCategory(column) ? [[...values.columns[j]]] : [])),
    logDet,
  };
};

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/**
 * Returns log-densities of independent columns. Numbers have a normal distribution. The probability of a category is
 * its frequency, after half a row is added to each category.
 *
 * @param {RecordsSpec} spec
 * @param {RivalRows} train
 * @param {RivalRows} rows
 */
export const independent = (spec, train, rows) => {
  const levels = spec.columns.flatMap((column) => (isTargetCategory(column) ? [column.levels.length + 1] : []));
  const tables = levels.map((count, j) => {
    const counts = Array.from({ length: count }, () => 0.5);
    for (const code of train.codes[j]) counts[code]++;
    const total = counts.reduce((sum, each) => sum + each, 0);
    return counts.map((each) => Math.log(each / total));
  });
  const moments = train.numbers[0].map((_, i) => {
    const column = train.numbers.map((row) => row[i]);
    const middle = column.reduce((sum, x) => sum + x, 0) / column.length;
    return { middle, deviation: Math.sqrt(column.reduce((sum, x) => sum + (x - middle) ** 2, 0) / column.length) };
  });
  return rows.numbers.map((row, i) => {
    const categories = tables.reduce((sum, table, j) => sum + table[rows.codes[j][i]], 0);
    return row.reduce(
      (sum, x, k) =>
        sum -
        0.5 * ((x - moments[k].middle) / moments[k].deviation) ** 2 -
        HALF_LOG_TAU -
        Math.log(moments[k].deviation),
      rows.logDet[i] + categories,
    );
  });
};

/**
 * Returns log-densities of the tree of categories, plus a normal distribution of the numbers for each category of the
 * first category column. The moments of a category are shrunk towards the moments of all rows, as if `d` more rows had
 * these moments.
 *
 * @param {RecordsSpec} spec
 * @param {RivalRows} train
 * @param {RivalRows} rows
 * @param {Values} values The rows of `rows`, as values of the table.
 */
export const treeAndNormals = (spec, train, rows, values) => {
  const d = train.numbers[0].length;
  const pooled = moments(train.numbers);
  const groups = new Map();
  const codes = train.codes[0] ?? [];
  for (const code of new Set(codes)) {
    const own = train.numbers.filter((_, row) => codes[row] === code);
    const { mean, covariance } = moments(own);
    const share = own.length / (own.length + d);
    groups.set(code, {
      mean: mean.map((value, i) => share * value + (1 - share) * pooled.mean[i]),
      covariance: covariance.map((line, i) =>
        line.map((value, j) => share * value + (1 - share) * pooled.covariance[i][j]),
      ),
    });
  }
  const densities = new Map([...groups].map(([code, each]) => [code, normal(each)]));
  const others = normal(pooled);
  const categories = logCategoriesOf(spec, values);
  return rows.numbers.map((row, i) => {
    const density = densities.get(rows.codes[0]?.[i]) ?? others;
    return density(row) + rows.logDet[i] + categories[i];
  });
};

/** @param {readonly (readonly number[])[]} rows */
const moments = (rows) => {
  const d = rows[0].length;
  const mean = Array.from({ length: d }, (_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const covariance = mean.map((a, i) =>
    mean.map((b, j) => rows.reduce((sum, row) => sum + (row[i] - a) * (row[j] - b), 0) / rows.length),
  );
  return { mean, covariance };
};

/** @param {{ mean: readonly number[]; covariance: readonly (readonly number[])[] }} moments */
const normal = ({ mean, covariance }) => {
  const d = mean.length;
  /** @type {number[][]} */
  const factor = mean.map(() => Array.from({ length: d }, () => 0));
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let rest = covariance[i][j] + (i === j ? 1e-6 : 0);
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      factor[i][j] = i === j ? Math.sqrt(rest) : rest / factor[j][j];
    }
  const constant = factor.reduce((sum, line, i) => sum - Math.log(line[i]), -d * HALF_LOG_TAU);
  /** @param {readonly number[]} row */
  return (row) => {
    /** @type {number[]} */
    const z = [];
    for (let i = 0; i < d; i++) {
      let rest = row[i] - mean[i];
      for (let k = 0; k < i; k++) rest -= factor[i][k] * z[k];
      z.push(rest / factor[i][i]);
    }
    return z.reduce((sum, value) => sum - 0.5 * value * value, constant);
  };
};
