// The problems of `npm run measure -- solvers`: eight families of fifty starts. All numbers are float32 numbers, so
// that JavaScript and Python compute with equal numbers. root.py implements the maps in float64.
import { core, tf } from '../bench/library.mjs';

const { add, concat, exp, matMul, mul, sin, slice, square, sub, tanh, tensor2d } = tf;

/** @import { Tensor } from '@tensorflow/tfjs-core' */

/**
 * A family of problems as plain data.
 *
 * @typedef {object} Family
 * @property {string} name
 * @property {'affine' | 'tanh' | 'sine' | 'rosenbrock' | 'tridiagonal' | 'boundary' | 'powell'} kind
 * @property {'fixed-point' | 'root'} form
 * @property {number} dim
 * @property {readonly number[][]} starts
 * @property {Readonly<Record<string, number[] | number[][]>>} data Matrices and vectors of the map.
 */

const STARTS = 50;
const DIM = 10;

/**
 * @param {number} seed
 * @param {number} count
 */
const normals = (seed, count) => Array.from(core.normals(core.key(seed), count));
/**
 * @param {readonly number[]} numbers
 * @param {number} width
 */
const rows = (numbers, width) =>
  Array.from({ length: numbers.length / width }, (_, i) => numbers.slice(i * width, (i + 1) * width));
/**
 * Returns starts `[STARTS, d]`: normal numbers times `size`, around `center`.
 *
 * @param {number} seed
 * @param {number} d
 * @param {number} size
 * @param {(i: number) => number} [center]
 */
const around = (seed, d, size, center = () => 0) =>
  rows(
    normals(seed, STARTS * d).map((x, i) => Math.fround(size * x + center(i % d))),
    d,
  );

/**
 * Returns a random matrix of spectral norm `norm`.
 *
 * @param {number} seed
 * @param {number} d
 * @param {number} norm
 */
const matrix = (seed, d, norm) => {
  const draw = rows(normals(seed, d * d), d);
  /** @param {readonly number[]} v */
  const times = (v) => draw.map((row) => row.reduce((total, entry, j) => total + entry * v[j], 0));
  /** @param {readonly number[]} v */
  const back = (v) => draw[0].map((_, j) => draw.reduce((total, row, i) => total + row[j] * v[i], 0));
  let v = draw[0];
  for (let i = 0; i < 1000; i++) {
    const next = back(times(v));
    v = next.map((entry) => entry / Math.hypot(...next));
  }
  const scale = norm / Math.hypot(...times(v));
  return draw.map((row) => row.map((entry) => Math.fround(scale * entry)));
};

/**
 * Returns the family of the map `f(y) = s(y A + a) C + c` with slope at most `slope`, or of the affine map `y A + a`.
 *
 * @param {string} name
 * @param {'affine' | 'tanh' | 'sine'} kind
 * @param {number} slope
 * @param {number} seed
 * @returns {Family}
 */
const contraction = (name, kind, slope, seed) => ({
  name,
  kind,
  form: 'fixed-point',
  dim: DIM,
  starts: around(seed, DIM, 3),
  data:
    kind === 'affine'
      ? { A: matrix(seed + 1, DIM, slope), a: normals(seed + 2, DIM) }
      : {
          A: matrix(seed + 1, DIM, 1),
          a: normals(seed + 2, DIM),
          C: matrix(seed + 3, DIM, slope),
          c: normals(seed + 4, DIM),
        },
});
/**
 * @param {string} name
 * @param {Family['kind']} kind
 * @param {number} dim
 * @param {number[][]} starts
 * @returns {Family}
 */
const system = (name, kind, dim, starts) => ({ name, kind, form: 'root', dim, starts, data: {} });

/** Returns the families as plain data, which ours.mjs and root.py read. */
export const makeFamilies = () => [
  contraction('affine, L = 0.9', 'affine', 0.9, 10),
  contraction('tanh net, L = 0.5', 'tanh', 0.5, 20),
  contraction('tanh net, L = 0.99', 'tanh', 0.99, 30),
  contraction('sines, L = 0.9', 'sine', 0.9, 40),
  system('gradient of Rosenbrock', 'rosenbrock', 4, around(50, 4, 1.5)),
  system(
    'Broyden tridiagonal',
    'tridiagonal',
    20,
    around(60, 20, 1, () => -1),
  ),
  system(
    'discrete boundary value',
    'boundary',
    DIM,
    around(70, DIM, 1, (i) => ((i + 1) / (DIM + 1)) * ((i + 1) / (DIM + 1) - 1)),
  ),
  system(
    'Powell, badly scaled',
    'powell',
    2,
    around(80, 2, 0.5, (i) => i),
  ),
];

/**
 * Returns the map of a family in tensor operations, `[B, d] -> [B, d]`: `f` for a fixed-point problem, `F` for a root
 * problem.
 *
 * @param {Family} family
 * @returns {(y: Tensor) => Tensor}
 */
export const mapOf = ({ kind, data, dim }) => {
  const { A, a, C, c } = Object.fromEntries(Object.entries(data).map(([name, x]) => [name, tensor2d(rowsOf(x))]));
  /**
   * @param {Tensor} y
   * @param {number} from
   * @param {number} count
   */
  const columns = (y, from, count) => slice(y, [0, from], [-1, count]);
  /** @param {Tensor[]} parts */
  const beside = (...parts) => concat(parts, 1);
  /** @param {Tensor} y */
  const before = (y) => beside(mul(0, columns(y, 0, 1)), columns(y, 0, dim - 1));
  /** @param {Tensor} y */
  const after = (y) => beside(columns(y, 1, dim - 1), mul(0, columns(y, 0, 1)));
  /**
   * @param {(x: Tensor) => Tensor} s
   * @returns {(y: Tensor) => Tensor}
   */
  const net = (s) => (y) => add(matMul(s(add(matMul(y, A), a)), C), c);
  const [h, places] = [1 / (dim + 1), tensor2d([Array.from({ length: dim }, (_, i) => (i + 1) / (dim + 1) + 1)])];
  /** @type {Readonly<Record<Family['kind'], (y: Tensor) => Tensor>>} */
  const maps = {
    affine: (y) => add(matMul(y, A), a),
    tanh: net(tanh),
    sine: net(sin),
    rosenbrock: (y) => {
      const [left, right] = [columns(y, 0, dim - 1), columns(y, 1, dim - 1)];
      const gap = sub(right, square(left));
      const nothing = mul(0, columns(y, 0, 1));
      return add(beside(sub(mul(2, sub(left, 1)), mul(400, mul(left, gap))), nothing), beside(nothing, mul(200, gap)));
    },
    tridiagonal: (y) => add(sub(sub(mul(sub(3, mul(2, y)), y), before(y)), mul(2, after(y))), 1),
    boundary: (y) =>
      add(sub(sub(mul(2, y), before(y)), after(y)), mul((h * h) / 2, mul(add(y, places), square(add(y, places))))),
    powell: (y) => {
      const [p, q] = [columns(y, 0, 1), columns(y, 1, 1)];
      return beside(sub(mul(1e4, mul(p, q)), 1), sub(add(exp(mul(-1, p)), exp(mul(-1, q))), 1.0001));
    },
  };
  return maps[kind];
};

/**
 * Returns a matrix; a vector becomes a matrix with one row.
 *
 * @param {number[] | number[][]} x
 * @returns {number[][]}
 */
const rowsOf = (x) => (isMatrix(x) ? x : [x]);

/**
 * @param {number[] | number[][]} x
 * @returns {x is number[][]}
 */
const isMatrix = (x) => Array.isArray(x[0]);
