import { fold, uniforms, type Key } from '@impflow/core';

/** A two-dimensional distribution for tests of a model. */
export interface Toy {
  /** Name of the distribution in the registry {@link toys}. */
  readonly name: string;
  /** The shape of the distribution in a few words. */
  readonly description: string;
  /**
   * Differential entropy in nats, if the density is known. The expected negative log-likelihood of a model is at least
   * this entropy.
   */
  readonly entropy?: number;
  /**
   * Returns `log p(x, y)` in nats, and `-Infinity` outside the support. Undefined if the density has no formula that is
   * cheap to compute.
   */
  logDensity?(x: number, y: number): number;
  /**
   * Returns `rows` independent draws, row-major `[rows, 2]`. A longer sample with the same key begins with the shorter
   * sample.
   *
   * @remarks The generators in publications use equally spaced angles over a batch, in shuffled order. In this
   * function, every row is an independent draw. So a standard error over rows is correct, and the distribution does not
   * depend on the number of rows.
   */
  sample(key: Key, rows: number): Float32Array;
}

/** Calls a function for each row, and returns an array `[rows, 2]` of the points that the function returns. */
export const points = (rows: number, at: (row: number) => readonly [number, number]): Float32Array => {
  const out = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const [x, y] = at(row);
    out[2 * row] = x;
    out[2 * row + 1] = y;
  }
  return out;
};

/** Draws `count` integers from the uniform distribution on `0 .. choices - 1`. */
export const choose = (key: Key, count: number, choices: number): Uint32Array =>
  Uint32Array.from(uniforms(key, count), (u) => Math.floor(u * choices));

/** Derives several independent keys from one key, so that the draws of a distribution do not share random numbers. */
export const streams = (
  key: Key,
): { readonly choice: Key; readonly along: Key; readonly across: Key; readonly noise: Key } => ({
  choice: fold(key, 0),
  along: fold(key, 1),
  across: fold(key, 2),
  noise: fold(key, 3),
});

/** Returns the logarithm of the mean of `exp(term(i))` over `count` terms. */
export const logMeanExp = (count: number, term: (i: number) => number): number => {
  const terms = Float64Array.from({ length: count }, (_, i) => term(i));
  let max = -Infinity;
  for (const t of terms) max = Math.max(max, t);
  if (max === -Infinity) return max;
  let sum = 0;
  for (const t of terms) sum += Math.exp(t - max);
  return max + Math.log(sum / count);
};

/**
 * Returns the log-density of an isotropic two-dimensional Gaussian with standard deviation `sigma` at a point, which is
 * given by its squared distance from the mean.
 */
export const logGaussian = (squaredDistance: number, sigma: number): number =>
  -squaredDistance / (2 * sigma * sigma) - Math.log(2 * Math.PI * sigma * sigma);
