import { heldOut, type HeldOut } from './held-out.ts';

/**
 * Returns by how many nats per row the loss of `b` exceeds the loss of `a`, with the standard error of this difference.
 * `a` and `b` contain the log-densities of the same rows. The difference is taken row by row, so its standard error is
 * usually much smaller than the standard errors of the two losses.
 *
 * @param weights Weight of each row.
 */
export const leadOf = (a: ArrayLike<number>, b: ArrayLike<number>, weights: ArrayLike<number>): HeldOut =>
  heldOut(
    Float64Array.from(b, (value, i) => value - a[i]!),
    weights,
  );
