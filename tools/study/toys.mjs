// The toy densities of the study: the toy densities of @impflow/tables, and two thin densities. To represent a thin
// density, a model with bounded slopes needs many blocks.
import { core, data } from '../bench/library.mjs';

/**
 * @import { Key } from '../../packages/core/dist/index.js'
 * @import { Toy } from '../../packages/tables/dist/index.js'
 */

/** @typedef {Toy & Required<Pick<Toy, 'logDensity'>>} ThinToy */

const { fold, normals, uniforms } = core;
const DEVIATION = 0.03;
const GAUSSIAN = 2 * Math.PI * DEVIATION ** 2;

/** @param {readonly number[]} terms */
const logMeanExp = (terms) => {
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0) / terms.length);
};

/**
 * Returns a function that draws `[rows, 2]`. Each row is a point on one of the `places`, chosen at random, plus
 * Gaussian noise. A place is a function that maps a draw of U[0, 1) to a point.
 *
 * @param {readonly ((along: number) => readonly number[])[]} places
 * @returns {(key: Key, rows: number) => Float32Array}
 */
const blurred = (places) => (key, rows) => {
  const [which, along, noise] = [
    uniforms(fold(key, 0), rows),
    uniforms(fold(key, 1), rows),
    normals(fold(key, 2), 2 * rows),
  ];
  return Float32Array.from(
    { length: 2 * rows },
    (_, i) => places[Math.floor(which[i >> 1] * places.length)](along[i >> 1])[i % 2] + DEVIATION * noise[i],
  );
};

const CENTERS = Array.from({ length: 8 }, (_, k) => [
  2.83 * Math.cos((k * Math.PI) / 4),
  2.83 * Math.sin((k * Math.PI) / 4),
]);

/** @type {ThinToy} */
export const thinGaussians = {
  name: 'thin-gaussians',
  description: 'eight Gaussians of standard deviation 0.03 on a circle of radius 2.83',
  sample: blurred(CENTERS.map((center) => () => center)),
  logDensity: (x, y) =>
    logMeanExp(CENTERS.map(([a, b]) => (-0.5 * ((x - a) ** 2 + (y - b) ** 2)) / DEVIATION ** 2)) - Math.log(GAUSSIAN),
};

const RADII = [1, 2, 3];

/**
 * `log I0(x) - x` for large `x`, with the modified Bessel function of order 0. The relative error is below 1e-7 from
 * `x = 70` on.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, equation 9.7.1.
 * @param {number} x
 */
const logScaledBessel = (x) =>
  -0.5 * Math.log(2 * Math.PI * x) + Math.log(1 + (1 + (9 + 75 / (8 * x)) / (16 * x)) / (8 * x));

/** @type {ThinToy} */
export const thinRings = {
  name: 'thin-rings',
  description: 'three circles of radius 1, 2 and 3, noise of standard deviation 0.03',
  sample: blurred(
    RADII.map((radius) => (along) => [radius * Math.cos(2 * Math.PI * along), radius * Math.sin(2 * Math.PI * along)]),
  ),
  // The distance from the origin has a Rice distribution. Rows are far from the origin: the argument of the Bessel
  // function is about 1,000 at the smallest circle.
  logDensity: (x, y) => {
    const s = Math.hypot(x, y);
    return (
      logMeanExp(
        RADII.map(
          (radius) => (-0.5 * (s - radius) ** 2) / DEVIATION ** 2 + logScaledBessel((s * radius) / DEVIATION ** 2),
        ),
      ) - Math.log(GAUSSIAN)
    );
  },
};

/**
 * Toys by name.
 *
 * @type {Readonly<Record<string, Toy>>}
 */
export const TOYS = { ...data.toys, [thinGaussians.name]: thinGaussians, [thinRings.name]: thinRings };
