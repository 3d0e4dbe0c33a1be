/**
 * Percentage of the quantiles of held-out log-densities that are lower: near 0 for an anomaly, 100 above all of them. It
 * counts entries of the list, so a density equal to the largest of 1001 gives 99.9. NaN without quantiles; 0 for NaN, since a
 * solve that fails is far outside.
 *
 * @param quantiles In rising order.
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
