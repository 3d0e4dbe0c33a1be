/** Mean and standard error of independent observations of a vector. */
export interface Moments {
  /** Number of observations. */
  readonly count: number;
  /** Mean of each entry. */
  readonly mean: readonly number[];
  /** Standard error of the mean of each entry. NaN for one observation. */
  readonly standardError: readonly number[];
}

/**
 * Returns mean and standard error of observations, which are vectors of the same length. There must be at least one
 * observation.
 *
 * @remarks Makes two passes, because a sum of squares would lose digits by cancellation.
 */
export const moments = (observations: readonly ArrayLike<number>[]): Moments => {
  const count = observations.length;
  const size = observations[0]!.length;
  const average = (of: (row: ArrayLike<number>, i: number) => number): number[] =>
    Array.from({ length: size }, (_, i) => observations.reduce((total, row) => total + of(row, i), 0) / count);
  const mean = average((row, i) => row[i]!);
  const variance = average((row, i) => (row[i]! - mean[i]!) ** 2);
  return { count, mean, standardError: variance.map((v) => Math.sqrt(v / (count - 1))) };
};

/**
 * Returns `(mean - expected) / standard error` of each entry. The result is about standard normal if `expected` is the
 * true mean.
 */
export const zScores = ({ mean, standardError }: Moments, expected: ArrayLike<number>): readonly number[] =>
  mean.map((m, i) => (m - expected[i]!) / standardError[i]!);
