// Simulators of two benchmarks of simulation-based inference, from the definitions of their papers.
import { core } from '../bench/library.mjs';

const { fold, normals, uniforms } = core;

/** @typedef {import('../../packages/core/dist/index.js').Key} Key */

/**
 * @typedef {object} Simulator
 * @property {string} title
 * @property {number} parameters Number of parameters `p`, which are uniform on `(-bound, bound)`.
 * @property {number} bound
 * @property {number} outputs Number of simulated values `q`.
 * @property {(key: Key, theta: Float64Array, rows: number) => Float64Array} simulate `[rows, p] -> [rows, q]`.
 */

/**
 * Simulates a point on a half moon. The position of the half moon determines the parameters only up to a sign, so a
 * posterior consists of two half moons.
 *
 * @see Greenberg, Nonnenmacher, Macke, Automatic posterior transformation for likelihood-free inference, ICML 2019,
 *   appendix A.5.1, arXiv:1905.07488.
 * @type {Simulator}
 */
const twoMoons = {
  title: 'two moons',
  parameters: 2,
  bound: 1,
  outputs: 2,
  simulate: (key, theta, rows) => {
    const [angles, radii] = [uniforms(fold(key, 0), rows), normals(fold(key, 1), rows)];
    const x = new Float64Array(2 * rows);
    for (let row = 0; row < rows; row++) {
      const angle = Math.PI * (angles[row] - 0.5);
      const radius = 0.1 + 0.01 * radii[row];
      const [a, b] = theta.subarray(2 * row, 2 * row + 2);
      x[2 * row] = radius * Math.cos(angle) + 0.25 - Math.abs(a + b) / Math.SQRT2;
      x[2 * row + 1] = radius * Math.sin(angle) + (b - a) / Math.SQRT2;
    }
    return x;
  },
};

/** Number of points that one simulation of {@link slcp} draws. */
const POINTS = 4;

/**
 * Simulates SLCP (simple likelihood, complex posterior): four points of a normal distribution in the plane. The
 * parameters determine its mean, its scales (squares of two parameters) and its correlation.
 *
 * @see Papamakarios, Sterratt, Murray, Sequential neural likelihood, AISTATS 2019, appendix A.1, arXiv:1805.07226.
 * @type {Simulator}
 */
const slcp = {
  title: 'SLCP',
  parameters: 5,
  bound: 3,
  outputs: 2 * POINTS,
  simulate: (key, theta, rows) => {
    const noise = normals(key, 2 * POINTS * rows);
    const x = new Float64Array(2 * POINTS * rows);
    for (let row = 0; row < rows; row++) {
      const [m1, m2, a, b, c] = theta.subarray(5 * row, 5 * row + 5);
      const [s1, s2, rho] = [a * a, b * b, Math.tanh(c)];
      for (let i = 2 * POINTS * row; i < 2 * POINTS * (row + 1); i += 2) {
        x[i] = m1 + s1 * noise[i];
        x[i + 1] = m2 + s2 * (rho * noise[i] + Math.sqrt(1 - rho * rho) * noise[i + 1]);
      }
    }
    return x;
  },
};

/** @type {Readonly<Record<string, Simulator>>} */
export const SIMULATORS = { 'two-moons': twoMoons, slcp };

/**
 * Returns the names of the parameters and of the simulated values.
 *
 * @param {Simulator} simulator
 */
export const namesOf = ({ parameters, outputs }) => ({
  theta: Array.from({ length: parameters }, (_, i) => `theta${i + 1}`),
  x: Array.from({ length: outputs }, (_, i) => `x${i + 1}`),
});

/**
 * Draws parameters from the prior, and simulates: `{ theta, x }`, each `[rows, ...]`.
 *
 * @param {Simulator} simulator
 * @param {Key} key
 * @param {number} rows
 */
export const simulated = ({ parameters, bound, simulate }, key, rows) => {
  const theta = Float64Array.from(uniforms(fold(key, 0), parameters * rows), (u) => bound * (2 * u - 1));
  return { theta, x: simulate(fold(key, 1), theta, rows) };
};

/**
 * Returns simulations as CSV text, with the parameters first.
 *
 * @param {Simulator} simulator
 * @param {{ theta: Float64Array; x: Float64Array }} rows
 */
export const simulationsText = (simulator, { theta, x }) => {
  const { theta: names, x: others } = namesOf(simulator);
  const [p, q] = [names.length, others.length];
  const lines = Array.from({ length: theta.length / p }, (_, row) =>
    [...theta.subarray(row * p, row * p + p), ...x.subarray(row * q, row * q + q)].map(Math.fround).join(','),
  );
  return `${[...names, ...others].join(',')}\n${lines.join('\n')}\n`;
};
