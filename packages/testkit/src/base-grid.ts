import { key, scoped } from '@impflow/core';
import type { BaseDistribution } from '@impflow/flows';
import { tensor2d } from '@tensorflow/tfjs-core';

/** Makes a density in `dim` dimensions. */
export type Made = (dim: number) => BaseDistribution;

/** Smallest and largest half width of a box. */
const [HALF, MOST] = [9, 40];
/** Number of draws that determine the box. */
const DRAWS = 20_000;
/** Width of the cells in one and two dimensions. */
export const STEP = 0.1;

/**
 * Returns the half widths of a box that contains nearly all mass of a density: in each dimension 1.2 times the largest
 * of 20,000 draws, at least 9 and at most 40. The half widths are integers, so that the edges of the cells for the
 * chi-squared test lie between the points of a {@link grid}.
 */
export const boxOf = (base: Made, dim: number): readonly number[] =>
  scoped(() => {
    const draws = base(dim).sample(key(98), DRAWS).dataSync();
    return Array.from({ length: dim }, (_, j) => {
      let largest = 0;
      for (let i = j; i < draws.length; i += dim) largest = Math.max(largest, Math.abs(draws[i]!));
      return Math.max(HALF, Math.min(MOST, Math.ceil(1.2 * largest)));
    });
  });

/** The centers of the cells of a box, row by row, and the volume of a cell. */
export interface Grid {
  readonly points: Float32Array;
  readonly volume: number;
}

/** Returns a grid of a box with cells of the given widths. */
export const grid = (box: readonly number[], steps: readonly number[]): Grid => {
  const counts = box.map((half, j) => Math.round((2 * half) / steps[j]!));
  const [dim, cells] = [box.length, counts.reduce((product, count) => product * count, 1)];
  const points = new Float32Array(cells * dim);
  for (let i = 0; i < cells; i++) {
    for (let [k, rest] = [dim - 1, i]; k >= 0; k--) {
      const count = counts[k]!;
      points[i * dim + k] = ((rest % count) + 0.5 - count / 2) * steps[k]!;
      rest = Math.floor(rest / count);
    }
  }
  return { points, volume: steps.reduce((product, step) => product * step, 1) };
};

/** Largest number of cells in each of three dimensions. */
const CELLS = 60;

/**
 * Returns the integral of the density in `dim` dimensions, by the midpoint rule. `coarse` multiplies the widths of the
 * cells.
 */
export const integralOf = (base: Made, dim: number, coarse: number): number => {
  const box = boxOf(base, dim);
  const steps = box.map((half) => coarse * (dim < 3 ? STEP : Math.max(4 * STEP, (2 * half) / CELLS)));
  const { points, volume } = grid(box, steps);
  return total(densities(base, dim, points)) * volume;
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
