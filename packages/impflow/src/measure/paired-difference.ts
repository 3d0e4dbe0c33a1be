import { meanOf } from './mean.ts';

/**
 * Whether the mean of `a` exceeds the mean of `b`, on the same rows, by more than the standard error of the mean
 * difference.
 */
export const isBetter = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  const differences = Float64Array.from(a, (value, i) => value - b[i]!);
  const center = meanOf(differences);
  const variance =
    (meanOf(differences.map((d) => (d - center) ** 2)) * differences.length) / Math.max(1, differences.length - 1);
  return center > Math.sqrt(variance / differences.length);
};
