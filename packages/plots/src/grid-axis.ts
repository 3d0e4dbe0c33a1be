import { ranged, type PlotColumn } from './plot-column.ts';

/**
 * Returns evenly spaced coordinates, `[count]`, for a side of the grid of `densityPlot`. The coordinates cover the cells
 * of the data and of the draws, except values that are far from most others.
 */
export const gridAxis = (column: PlotColumn, count: number): Float64Array => {
  const [low, high] = ranged(column).domain;
  return Float64Array.from({ length: count }, (_, i) => low + (i / (count - 1)) * (high - low));
};
