// Statistical tests of whether ranks are uniform.

/**
 * Returns the p-value of the Kolmogorov-Smirnov test that numbers are uniform on `[0, 1]`, by the asymptotic
 * distribution with the correction of Stephens.
 *
 * @param {readonly number[]} values
 * @see Stephens, Use of the Kolmogorov-Smirnov, Cramér-von Mises and related statistics without extensive tables, 1970.
 */
export const ksP = (values) => {
  const n = values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const distance = Math.max(...sorted.map((value, i) => Math.max((i + 1) / n - value, value - i / n)));
  const t = distance * (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n));
  // Below this value, the series needs more terms than are summed, and the p-value is 1 to many digits.
  if (t < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * t * t);
  return Math.min(1, Math.max(0, sum));
};

/**
 * Returns the p-value of the chi-square test that numbers in `[0, 1)` fall into bins of equal width with equal
 * probability.
 *
 * @param {readonly number[]} values
 * @param {number} bins
 */
export const chiSquareP = (values, bins) => {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(value * bins))]++;
  const expected = values.length / bins;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return upperGamma((bins - 1) / 2, statistic / 2);
};

/**
 * Returns the regularized upper incomplete gamma function `Q(a, x)`, by its series for `x` below `a + 1`, and by its
 * continued fraction above.
 *
 * @param {number} a
 * @param {number} x
 * @see Abramowitz, Stegun, Handbook of Mathematical Functions, 6.5.29 and 6.5.31.
 */
export const upperGamma = (a, x) => {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; Math.abs(term) > 1e-16 * Math.abs(sum); n++) sum += term *= x / (a + n);
    return 1 - front * sum;
  }
  // The continued fraction is evaluated from its last term, which avoids divisions by zero.
  let fraction = x;
  for (let n = 500; n > 0; n--) fraction = x + (n - a) / (1 + n / fraction);
  return front / fraction;
};

/**
 * Returns `log Gamma(x)` for `x > 0`, by Stirling's series at `x + 8`.
 *
 * @param {number} x
 */
const logGamma = (x) => {
  let [shift, z] = [0, x];
  while (z < 8) shift -= Math.log(z++);
  const s = 1 / (z * z);
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + (1 / 12 - s * (1 / 360 - s / 1260)) / z;
};
