/**
 * Returns the conformal p-value of each row: among the held-out rows and the row itself, the fraction of rows that are
 * at most as likely as the row. If the row comes from the distribution of the held-out rows, then `p <= alpha` has
 * probability at most `alpha`. The held-out rows must not be used for training, or for the choice of the model.
 *
 * @param logDensities `log p` of the rows, `[rows]`. NaN gives NaN.
 * @param heldOut Log-densities of the held-out rows, in ascending order. Alternatively, at least two quantiles of these
 * log-densities in equal steps, from the smallest to the largest, each the log-density of the row of the nearest rank.
 * If each held-out log-density is one of them, p is exact. Otherwise p is rounded up by at most one step of the
 * quantiles, so that the rate of false alarms is not exceeded.
 * @param count Number of held-out rows.
 * @returns p-values `[rows]`, at least `1 / (count + 1)`.
 * @remarks Costs a binary search for each row.
 * @see Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005, section 2.2; Bates et al., Testing for
 * outliers with conformal p-values, 2023.
 */
export const conformalPValues = (
  logDensities: ArrayLike<number>,
  heldOut: readonly number[],
  count: number = heldOut.length,
): Float64Array =>
  Float64Array.from(logDensities, (value) => {
    if (Number.isNaN(value)) return NaN;
    let [low, high] = [0, heldOut.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (heldOut[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    // Quantile `low` is above the value, and so are the log-densities of all held-out rows from its rank on. Therefore
    // at most `below` held-out rows are as likely as the value or less likely.
    const below = low === heldOut.length ? count : rankOf(low, heldOut.length, count);
    return (below + 1) / (count + 1);
  });

/**
 * Returns the rank, counted from 0, of the held-out row whose log-density is quantile `i` of `length`. It computes
 * the rank as `quantilesOf` of package impflow does, so that both round a half in the same direction.
 */
const rankOf = (i: number, length: number, count: number): number =>
  Math.round((i / Math.max(1, length - 1)) * (count - 1));

/**
 * Returns the percentage of the held-out log-densities that are lower than a log-density: near 0 for an anomaly, 100 if
 * all are lower. It returns NaN without quantiles. For a log-density of NaN it returns 0, because a row whose solve
 * fails counts as an anomaly.
 *
 * @param quantiles In ascending order, as for {@link conformalPValues}. If each held-out log-density is one of them,
 * the percentage is exact. Otherwise it is rounded down, by at most one step of the quantiles.
 * @param count Number of held-out log-densities. Default: `quantiles` holds each of them once.
 */
export const percentile = (
  logDensity: number,
  quantiles: readonly number[],
  count: number = quantiles.length,
): number => {
  if (quantiles.length === 0) return NaN;
  let [low, high] = [0, quantiles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (quantiles[middle]! < logDensity) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  // Quantile `low - 1` is the log-density of the held-out row of this rank. It is lower, and so are the ones before.
  return (100 * (rankOf(low - 1, quantiles.length, count) + 1)) / count;
};
