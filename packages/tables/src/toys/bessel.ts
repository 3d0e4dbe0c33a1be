/**
 * `log I0(x)` for `x >= 0`, the modified Bessel function of order 0, with an error of about `1e-14 max(1, x)`.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, equations 9.6.12 (series) and 9.7.1
 * (asymptotic).
 */
export const logBesselI0 = (x: number): number => {
  // From 20 on, the asymptotic terms fall below 1e-17 before they grow. Below 20, the series has no cancellation.
  if (x < 20) return Math.log(sumOfRatios((k) => (x * x) / (4 * k * k)));
  return x - 0.5 * Math.log(2 * Math.PI * x) + Math.log(sumOfRatios((k) => (2 * k - 1) ** 2 / (8 * k * x)));
};

/** `1 + r(1) + r(1) r(2) + …` until a term is negligible. The ratios must fall below 1, and stay there until then. */
const sumOfRatios = (ratio: (k: number) => number): number => {
  let [term, sum] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= ratio(k);
    sum += term;
  }
  return sum;
};
