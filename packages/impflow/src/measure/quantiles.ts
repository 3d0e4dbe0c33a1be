/**
 * Returns the 1001 quantiles of the values at the levels 0, 0.001, ..., 1: each quantile is the value of the nearest
 * rank.
 */
export const quantilesOf = (values: ArrayLike<number>): readonly number[] => {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: 1001 }, (_, i) => sorted[Math.round((i / 1000) * (sorted.length - 1))]!);
};
