/** The middle of some numbers; the mean of both middle ones where their count is even. */
export const median = (numbers) => {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
