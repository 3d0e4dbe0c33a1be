import { defineBijector, FlowError, drawPermutation, type Bijector, type Key, type Shape } from '@impflow/core';
import { zeros } from '@tensorflow/tfjs-core';
import { reorder } from './reorder.ts';

/** Options of {@link permutation}. */
export interface PermutationOptions {
  /** The `order` in `z_i = x_{order[i]}`. The array contains each index from `0` to `d - 1` once. */
  readonly order: readonly number[];
  /** Shape of an event whose last axis holds the features. Default `[order.length]`: rows. */
  readonly shape?: Shape;
}

/**
 * A bijector that reorders the features, or the channels of an image, in a fixed order. The log-determinant of a
 * permutation is zero.
 *
 * @throws `option` if a feature is missing or repeated; `shape` if `order` and `shape` have different numbers of
 * features.
 */
export const permutation = ({ order, shape = [order.length] }: PermutationOptions): Bijector => {
  if (order.toSorted((a, b) => a - b).some((feature, i) => feature !== i)) {
    throw new FlowError('option', 'flows/permutation', 'Wrong order', {
      expected: `each of 0 to ${order.length - 1} once`,
      got: `[${order.join(', ')}]`,
    });
  }
  if (shape.at(-1) !== order.length) {
    throw new FlowError('shape', 'flows/permutation', 'The order does not fit the shape of the events', {
      expected: `an order of ${shape.at(-1)} features`,
      got: `an order of ${order.length}`,
    });
  }
  const { there, back } = reorder(order);
  return defineBijector({
    name: 'permutation',
    shape,
    forwardWithLogDet: (x) => ({ value: there(x), logDet: zeros([x.shape[0]!]) }),
    inverseWithLogDet: (z) => ({ value: back(z), logDet: zeros([z.shape[0]!]) }),
  });
};

/** Returns a random order of `dim` features for {@link permutation}. */
export const shuffled = (key: Key, dim: number): readonly number[] => [...drawPermutation(key, dim)];
