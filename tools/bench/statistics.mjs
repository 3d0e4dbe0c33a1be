/** @param {ArrayLike<number>} numbers */
export const mean = (numbers) => Array.from(numbers).reduce((sum, x) => sum + x, 0) / numbers.length;

/**
 * Returns the unbiased variance, with `n - 1` in the denominator; 0 for a single number.
 *
 * @param {ArrayLike<number>} numbers
 */
export const variance = (numbers) => {
  const middle = mean(numbers);
  const squares = Array.from(numbers, (x) => (x - middle) ** 2);
  return numbers.length < 2 ? 0 : squares.reduce((sum, x) => sum + x, 0) / (numbers.length - 1);
};

/**
 * Returns a quantile, by linear interpolation.
 *
 * @param {ArrayLike<number>} numbers
 * @param {number} share
 */
export const quantile = (numbers, share) => {
  const sorted = Float64Array.from(numbers).sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
};

/** @param {ArrayLike<number>} numbers */
export const median = (numbers) => quantile(numbers, 0.5);
