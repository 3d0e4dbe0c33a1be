/**
 * Returns the probability that a standard normal variable is further from 0 than `z`: the two-sided p-value of a normal
 * statistic. The relative error is below 1e-12.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 26.2.11 (series) and 26.2.14 (continued
 * fraction).
 */
export const twoSided = (z: number): number => {
  const x = Math.abs(z);
  if (Number.isNaN(x)) return NaN;
  const height = Math.sqrt(2 / Math.PI) * Math.exp((-x * x) / 2);
  if (x < 3) {
    let [term, sum] = [x, x];
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (x * x) / (2 * k + 1);
      sum += term;
    }
    return 1 - height * sum;
  }
  let fraction = x;
  for (let k = 100; k > 0; k--) fraction = x + k / fraction;
  return height / fraction;
};
