import { scoped } from '@impflow/core';
import type { BaseDistribution } from '@impflow/flows';
import { tensor2d } from '@tensorflow/tfjs-core';

/** Makes a density in `dim` dimensions. */
export type Made = (dim: number) => BaseDistribution;

const HALF = 9;
/** Width of the cells in one and two dimensions. */
export const STEP = 0.1;

/**
 * Returns the centers of the cells of width `step` in `[-HALF, HALF]^dim`, row by row. The edges of the cells for the
 * chi-squared test lie between these centers.
 */
export const grid = (dim: number, step: number): Float32Array => {
  const each = Math.round((2 * HALF) / step);
  const points = new Float32Array(each ** dim * dim);
  for (let i = 0; i < each ** dim; i++) {
    for (let [k, rest] = [dim - 1, i]; k >= 0; k--, rest = Math.floor(rest / each))
      points[i * dim + k] = -HALF + ((rest % each) + 0.5) * step;
  }
  return points;
};

/** Returns the density at points in `dim` dimensions, one after the other. */
export const densities = (base: Made, dim: number, points: Float32Array): number[] =>
  scoped(() =>
    Array.from(
      base(dim)
        .logProb(tensor2d(points, [points.length / dim, dim]))
        .dataSync(),
      Math.exp,
    ),
  );

/** Returns the sum of the numbers. */
export const total = (of: readonly number[]): number => of.reduce((sum, entry) => sum + entry, 0);
