/** Mean and standard error of independent observations of a vector, one entry at a time. */
export interface Moments {
  readonly count: number;
  readonly mean: readonly number[];
  readonly standardError: readonly number[];
}

/** @remarks Two passes: the sum of squares alone would cancel. */
export const moments = (observations: readonly ArrayLike<number>[]): Moments => {
  const count = observations.length;
  const size = observations[0]!.length;
  const average = (of: (row: ArrayLike<number>, i: number) => number): number[] =>
    Array.from({ length: size }, (_, i) => observations.reduce((total, row) => total + of(row, i), 0) / count);
  const mean = average((row, i) => row[i]!);
  const variance = average((row, i) => (row[i]! - mean[i]!) ** 2);
  return { count, mean, standardError: variance.map((v) => Math.sqrt(v / (count - 1))) };
};

/** `(mean - expected) / standard error` of each entry: standard normal, nearly, where `expected` is the true mean. */
export const zScores = ({ mean, standardError }: Moments, expected: ArrayLike<number>): readonly number[] =>
  mean.map((m, i) => (m - expected[i]!) / standardError[i]!);
