/**
 * Returns the conformal p-value of each row. Consider the set that consists of all held-out rows and the row itself.
 * The p-value of the row is the fraction of this set whose log-density is not above the log-density of the row. If the
 * row comes from the distribution of the held-out rows, then `p <= alpha` has probability at most `alpha`. The held-out
 * rows must not be used for training, or for the choice of the model.
 *
 * @param logDensities `log p` of the rows, `[rows]`. The p-value of NaN is NaN.
 * @param heldOut Log-densities of the held-out rows, in ascending order. Quantiles of the log-densities are also
 * accepted: at least two quantiles in equal steps, from the smallest to the largest, where each quantile is the
 * log-density of the row with the nearest rank. If each held-out log-density is a quantile, p is exact. Otherwise p is
 * rounded up by at most one step of the quantiles, so that the rate of false alarms is at most the nominal rate.
 * @param count Number of held-out rows.
 * @returns p-values `[rows]`, at least `1 / (count + 1)`.
 * @remarks A binary search is made for each row.
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
    // Quantile `low` and all held-out log-densities from its rank on are above the value. Therefore the log-densities
    // of at most `below` held-out rows are not above the value.
    const below = low === heldOut.length ? count : rankOf(low, heldOut.length, count);
    return (below + 1) / (count + 1);
  });

/**
 * Returns the rank, counted from 0, of the held-out row whose log-density is quantile `i` of `length`. The formula is
 * identical to the formula in `quantilesOf` of the package `impflow`, so that both functions round halves in one
 * direction.
 */
const rankOf = (i: number, length: number, count: number): number =>
  Math.round((i / Math.max(1, length - 1)) * (count - 1));

/**
 * Returns the percentage of the held-out log-densities that are lower than the log-density `logDensity`. The percentage
 * is near 0 for an anomaly, and 100 if all held-out log-densities are lower. The result is NaN if there are no
 * quantiles. The result is 0 if the log-density is NaN, because a row whose solve fails counts as an anomaly. The
 * percentage is rounded to what the held-out rows can tell: to whole numbers with at most 100 rows, to tenths with more.
 * With at most 1,000 rows, different numbers of rows below the row still give different percentages.
 *
 * @param quantiles Quantiles of the held-out log-densities in ascending order, as for {@link conformalPValues}. If each
 * held-out log-density is a quantile, the percentage is exact before it is rounded. If not, it is lower by at most one
 * step of the quantiles.
 * @param count Number of held-out log-densities. Default: the number of quantiles.
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
  // Quantile `low - 1` is the log-density of the held-out row with this rank. This log-density and all earlier
  // log-densities are lower than the value.
  const below = rankOf(low - 1, quantiles.length, count) + 1;
  return count > 100 ? Math.round((1000 * below) / count) / 10 : Math.round((100 * below) / count);
};
