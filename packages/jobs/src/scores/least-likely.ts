/** Returns the indices of rows, the least likely row first. Rows without a log-density come last. */
export const leastLikelyFirst = (logDensities: ArrayLike<number>): readonly number[] => {
  const rank = (row: number): number => (Number.isNaN(logDensities[row]) ? Infinity : logDensities[row]!);
  return Array.from({ length: logDensities.length }, (_, row) => row).sort((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    // Two equal infinities are compared before the subtraction, because their difference is NaN.
    return first === second ? a - b : first - second;
  });
};
