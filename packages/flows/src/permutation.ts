import { defineBijector, FlowError, permutation as randomOrder, type Bijector, type Key, type Shape } from '@impflow/core';
import { zeros } from '@tensorflow/tfjs-core';
import { reorder } from './reorder.ts';

export interface PermutationOptions {
  /** `z_i = x_{order[i]}`. */
  readonly order: readonly number[];
  /** Of an event whose last axis are the features. Default: rows of them. */
  readonly shape?: Shape;
}

/**
 * A fixed reordering of the features, or of the channels of an image; its log-determinant is zero.
 *
 * @throws `option` where a feature is missing or named twice, `shape` where their number does not fit.
 */
export const permutation = ({ order, shape = [order.length] }: PermutationOptions): Bijector => {
  if (order.toSorted((a, b) => a - b).some((feature, i) => feature !== i)) {
    throw new FlowError('option', 'flows/permutation', 'Wrong order', { expected: `each of 0 to ${order.length - 1} once`, got: `[${order.join(', ')}]` });
  }
  if (shape.at(-1) !== order.length) {
    throw new FlowError('shape', 'flows/permutation', 'The order does not fit', { expected: `an order of ${shape.at(-1)} features`, got: `one of ${order.length}` });
  }
  const { there, back } = reorder(order);
  return defineBijector({
    name: 'permutation',
    shape,
    forwardWithLogDet: (x) => ({ value: there(x), logDet: zeros([x.shape[0]!]) }),
    inverseWithLogDet: (z) => ({ value: back(z), logDet: zeros([z.shape[0]!]) }),
  });
};

/** A random order for {@link permutation}. */
export const shuffled = (key: Key, dim: number): readonly number[] => [...randomOrder(key, dim)];
