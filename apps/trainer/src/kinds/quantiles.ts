/** The 1001 quantiles of the values, ascending. */
export const quantilesOf = (values: Float32Array): readonly number[] => {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: 1001 }, (_, i) => sorted[Math.round((i / 1000) * (sorted.length - 1))]!);
};

/**
 * Percentage of the quantiles of held-out rows that are lower: near 0 for an anomaly, 100 above all of them. It counts
 * entries of the list, so a density equal to the largest of its 1001 gives 99.9. NaN without quantiles.
 */
export const percentile = (logDensity: number, quantiles: readonly number[]): number => {
  if (quantiles.length === 0) return NaN;
  let [low, high] = [0, quantiles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (quantiles[middle]! < logDensity) low = middle + 1;
    else high = middle;
  }
  return (100 * low) / quantiles.length;
};
