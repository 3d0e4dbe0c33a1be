import { heldOut } from './held-out.ts';

/**
 * Whether the mean of `a` exceeds the mean of `b`, on the same rows, by more than the standard error of the mean
 * difference.
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
