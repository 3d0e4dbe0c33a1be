import { heldOut } from './held-out.ts';

/**
 * Returns whether the mean of `a` exceeds the mean of `b` by more than the standard error of the mean difference. `a`
 * and `b` contain one value per row, for the same rows.
 *
 * @param weights Weight of each row.
 */
export const isClearlyBetter = (a: ArrayLike<number>, b: ArrayLike<number>, weights: ArrayLike<number>): boolean => {
  const { nats, standardError } = heldOut(
    Float64Array.from(a, (value, i) => value - b[i]!),
    weights,
  );
  return -nats > standardError;
};
