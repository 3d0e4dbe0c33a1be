// Draws a table with many columns from a known density: 5,000 rows of 100 columns that depend on 7 hidden factors.
import { core } from '../bench/library.mjs';

/** @import { Frame } from '../../packages/tables/dist/index.js' */

const [ROWS, COLUMNS, FACTORS] = [5000, 100, 7];
const { choleskyInPlace, fold, key, normals, uniforms } = core;
const KEY = key(2027);
const loadings = normals(fold(KEY, 0), COLUMNS * FACTORS);
const deviations = uniforms(fold(KEY, 1), COLUMNS).map((u) => 0.2 + 1.3 * u);

/** @returns {Frame} */
export const factorTable = () => {
  const [hidden, noise] = [normals(fold(KEY, 2), ROWS * FACTORS), normals(fold(KEY, 3), ROWS * COLUMNS)];
  const columns = Array.from({ length: COLUMNS }, (_, j) => ({
    name: `x${j}`,
    numbers: Float64Array.from({ length: ROWS }, (__, row) => {
      let sum = deviations[j] * noise[row * COLUMNS + j];
      for (let f = 0; f < FACTORS; f++) sum += loadings[j * FACTORS + f] * hidden[row * FACTORS + f];
      return sum;
    }),
  }));
  return { columns, rows: ROWS, source: 'factors', place: (row) => `row ${row + 1}` };
};

/** The lower Cholesky factor of the covariance of the columns. @type {Float64Array | undefined} */
let factor;

const choleskyFactor = () => {
  if (factor !== undefined) return factor;
  factor = Float64Array.from({ length: COLUMNS * COLUMNS }, (_, at) => {
    const [i, j] = [Math.floor(at / COLUMNS), at % COLUMNS];
    let sum = i === j ? deviations[i] ** 2 : 0;
    for (let f = 0; f < FACTORS; f++) sum += loadings[i * FACTORS + f] * loadings[j * FACTORS + f];
    return sum;
  });
  choleskyInPlace(factor, COLUMNS);
  return factor;
};

/**
 * Returns the log-density of a row, in nats.
 *
 * @param {ArrayLike<number>} row
 */
export const factorLogDensity = (row) => {
  const lower = choleskyFactor();
  const standard = new Float64Array(COLUMNS);
  let sum = -0.5 * COLUMNS * Math.log(2 * Math.PI);
  for (let i = 0; i < COLUMNS; i++) {
    let rest = row[i];
    for (let j = 0; j < i; j++) rest -= lower[i * COLUMNS + j] * standard[j];
    standard[i] = rest / lower[i * COLUMNS + i];
    sum -= 0.5 * standard[i] ** 2 + Math.log(lower[i * COLUMNS + i]);
  }
  return sum;
};
