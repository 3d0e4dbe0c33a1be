/**
 * Compares the distributions of two samples. Returns the largest difference of their cumulative distributions, and the
 * asymptotic p-value of the hypothesis that both samples have one distribution. With equal values, the p-value is too
 * large.
 *
 * @param a Values in ascending order.
 * @param b Values in ascending order.
 * @param size Number of values that `b` stands for, if `b` contains their quantiles. Default: the length of `b`.
 * @see Smirnov, Table for Estimating the Goodness of Fit of Empirical Distributions, 1948; Stephens, Use of the
 * Kolmogorov-Smirnov, Cramer-Von Mises and Related Statistics Without Extensive Tables, 1970, for small samples.
 */
export const kolmogorovSmirnov = (
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  size: number = b.length,
): { readonly distance: number; readonly pValue: number } => {
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (a[i] === value) i++;
    while (b[j] === value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  const root = Math.sqrt((a.length * size) / (a.length + size));
  return { distance, pValue: aboveKolmogorov((root + 0.12 + 0.11 / root) * distance) };
};

/** Returns the probability that Kolmogorov's statistic exceeds `x`. */
const aboveKolmogorov = (x: number): number => {
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
};
