import { quantile } from './quantile.ts';
import { widened } from './statistics.ts';

/**
 * Returns evenly spaced coordinates, `[count]`, for a side of the grid of `densityPlot`. The coordinates cover the
 * central 99.6 % of the values of a column, plus a margin.
 */
export const gridAxis = (values: ArrayLike<number>, count: number): Float32Array => {
  const [low, high] = widened([quantile(values, 0.002), quantile(values, 0.998)], 0.12);
  return Float32Array.from({ length: count }, (_, i) => low + (i / (count - 1)) * (high - low));
};
