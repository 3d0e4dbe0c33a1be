/** Returns the arithmetic mean, weighted if weights are given. */
export const meanOf = (values: ArrayLike<number>, weights?: ArrayLike<number>): number => {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * values[i]!;
    total += weight;
  }
  return sum / total;
};
