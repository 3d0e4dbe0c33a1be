// Splits the rows of a data set: adds noise to values on a grid, then draws one random split. All functions are pure.
import { core, data } from '../bench/library.mjs';

/**
 * @import { Key } from '../../packages/core/dist/index.js'
 * @import { Frame, Toy } from '../../packages/tables/dist/index.js'
 */

/** @typedef {{ train: Frame; validation: Frame; test: Frame }} Parts */

/** @typedef {Readonly<Record<string, number>>} Steps Widths of noise by column. */

const { fold, uniforms } = core;
const { pickFrameRows, splitRows } = data;

/** Largest number of decimals of a column that counts as being on a grid. */
const MOST_DECIMALS = 7;
/** Below this number, float32 resolves a quarter of an integer or finer. */
const TOLD_APART = 2 ** 22;

/**
 * Returns the step of the decimal grid that float32 values lie on: 1 for whole numbers, 0.1, 0.01 and so on; 0 if the
 * values lie on no grid.
 *
 * Measurements have the decimals of their instrument, so values repeat, and the likelihood of a density without noise
 * has no upper bound.
 *
 * @param {Float32Array} values
 */
export const gridStep = (values) => {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = 10 ** decimals;
    if (largest * scale > TOLD_APART) return 0;
    // The rounding error of a decimal number in float32 is up to half of its last bit.
    if (
      values.every(
        (value) => Math.abs(value * scale - Math.round(value * scale)) <= Math.abs(value) * scale * 2 ** -24 + 1e-9,
      )
    )
      return 1 / scale;
  }
  return 0;
};

/** A value is an atom if more than this share of the rows have it, and at least five rows. */
const ATOM = { share: 0.02, rows: 5 };

/**
 * Returns the width of the noise that a column needs, or 0 if it needs no noise. In general the width is the step of
 * the grid. There is an exception for a column with an atom whose values lie on no grid, or on a grid finer than a
 * thousandth of the distance between the quartiles of its different values. The width for such a column is about a
 * hundredth of this distance, because narrower noise would leave a narrow peak in the density.
 *
 * @param {Float32Array} values
 */
export const noiseWidth = (values) => {
  const step = gridStep(values);
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
  if (counts.size === 1 || most < ATOM.rows || most <= ATOM.share * values.length) return step;
  const different = Float32Array.from(counts.keys()).sort();
  /** @param {number} share */
  const quartile = (share) => different[Math.floor(share * (different.length - 1))];
  const spread = Number(((quartile(0.75) - quartile(0.25)) / 100).toPrecision(1));
  if (step === 0) return spread;
  return 10 * step < spread ? step * Math.round(spread / step) : step;
};

/**
 * Returns `{ table, steps }`: the table with noise U[0, step) in each column whose values repeat, and the steps by
 * name. All numbers are rounded to float32, so that all contenders read the same numbers. `known` has the steps of
 * columns whose step is not a power of ten.
 *
 * @see Uria, Murray, Larochelle, RNADE, NIPS 2013, arXiv:1306.0186, section 5.
 * @param {Frame} table
 * @param {Key} key
 * @param {Steps} [known]
 * @returns {{ table: Frame; steps: Steps }}
 */
export const withNoise = (table, key, known = {}) => {
  /** @type {Record<string, number>} */
  const steps = {};
  const columns = table.columns.map(({ name, numbers }, j) => {
    const values = Float32Array.from(numbers);
    const step = known[name] ?? noiseWidth(values);
    if (step !== 0) {
      steps[name] = step;
      const noise = uniforms(fold(key, j), table.rows);
      for (let row = 0; row < table.rows; row++) values[row] += step * noise[row];
    }
    return { name, numbers: Float64Array.from(values) };
  });
  return { table: { ...table, columns }, steps };
};

const TENTHS = { validation: 0.1, test: 0.1 };
/** Data sets of anomalies have a larger share of test rows, because ranks need enough normal rows. */
const FOR_ANOMALIES = { validation: 0.1, test: 0.2 };

/**
 * Returns `{ train, validation, test, steps }`, with 80, 10 and 10 % of the rows.
 *
 * @param {Frame} raw
 * @param {Key} key
 * @param {Steps} [known]
 * @returns {Parts & { steps: Steps }}
 */
export const densityParts = (raw, key, known) => {
  const { table, steps } = withNoise(raw, fold(key, 4), known);
  const split = splitRows(table.rows, { key: fold(key, 5), fractions: TENTHS });
  return {
    train: pickFrameRows(table, split.train),
    validation: pickFrameRows(table, split.validation),
    test: pickFrameRows(table, split.test),
    steps,
  };
};

/**
 * Returns `{ train, validation, test, steps, normal }`. The rows of all classes except the held-out class are split
 * into 70, 10 and 20 %. The test rows are the last of these, `normal` rows, followed by all rows of the held-out class.
 *
 * @param {Frame} raw
 * @param {readonly number[]} labels
 * @param {number} anomaly
 * @param {Key} key
 * @returns {Parts & { steps: Steps; normal: number }}
 */
export const anomalyParts = (raw, labels, anomaly, key) => {
  const { table, steps } = withNoise(raw, fold(key, 4));
  const rows = Uint32Array.from(labels.keys());
  const [inside, outside] = [
    rows.filter((row) => labels[row] !== anomaly),
    rows.filter((row) => labels[row] === anomaly),
  ];
  const split = splitRows(inside.length, { key: fold(key, 5), fractions: FOR_ANOMALIES });
  const [train, validation, normal] = [split.train, split.validation, split.test].map((part) =>
    part.map((i) => inside[i]),
  );
  return {
    train: pickFrameRows(table, train),
    validation: pickFrameRows(table, validation),
    test: pickFrameRows(table, Uint32Array.of(...normal, ...outside)),
    steps,
    normal: normal.length,
  };
};

const TOY_ROWS = { train: 20_000, validation: 2000, test: 20_000 };

/**
 * Draws 20,000 training rows, 2,000 validation rows and 20,000 test rows of a toy density.
 *
 * @param {Pick<Toy, 'name' | 'sample'>} toy
 * @param {Key} key
 * @returns {Parts}
 */
export const toyParts = (toy, key) => {
  const [train, validation, test] = Object.values(TOY_ROWS).map((rows, i) => {
    const values = toy.sample(fold(key, i), rows);
    const columns = ['x', 'y'].map((name, j) => ({
      name,
      numbers: Float64Array.from({ length: rows }, (_, row) => values[2 * row + j]),
    }));
    return { columns, rows, source: toy.name, place: (/** @type {number} */ row) => `row ${row + 1}` };
  });
  return { train, validation, test };
};
