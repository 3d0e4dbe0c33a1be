/**
 * Returns the quantile of the standard normal distribution for a probability in `(0, 1)`, by Newton's method, to 1e-12.
 */
export const normalQuantile = (share: number): number => {
  if (share > 0.5) return -normalQuantile(1 - share);
  // The initial value is a tail bound. The initial value lies below the root, so the iterates of Newton's method rise
  // to the root.
  let z = -Math.sqrt(-2 * Math.log(2 * share)) - 1e-9;
  for (let i = 0; i < 100; i++) {
    const step = (normalShare(z) - share) * Math.sqrt(2 * Math.PI) * Math.exp(0.5 * z * z);
    z -= Math.max(-0.5, Math.min(0.5, step));
    if (Math.abs(step) < 1e-12) break;
  }
  return z;
};

/**
 * Returns the probability that a standard normal number is at most `z`, by a series near 0 and a continued fraction in
 * the tail. The relative error is below 1e-12 for `z <= 0`.
 */
export const normalShare = (z: number): number => {
  if (z > 0) return 1 - normalShare(-z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const x = -z;
  if (x < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; n < 60; n++) sum += term *= (x * x) / (2 * n + 1);
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / fraction;
  return density / fraction;
};
