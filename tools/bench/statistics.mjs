/**
 * The median of some numbers: for an even count, the mean of the two middle ones.
 *
 * @param {ArrayLike<number>} numbers
 */
export const median = (numbers) => {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
