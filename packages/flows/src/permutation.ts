import { defineBijector, FlowError, permutation as randomOrder, type Bijector, type Key } from '@impflow/core';
import { zeros } from '@tensorflow/tfjs-core';
import { reorder } from './reorder.ts';

export interface PermutationOptions {
  /** `z_i = x_{order[i]}`. */
  readonly order: readonly number[];
}

/**
 * A fixed reordering of the features; its log-determinant is zero.
 *
 * @throws `option` where a feature is missing or named twice.
 */
export const permutation = ({ order }: PermutationOptions): Bijector => {
  if (order.toSorted((a, b) => a - b).some((feature, i) => feature !== i)) {
    throw new FlowError('option', 'flows/permutation', 'Wrong order', { expected: `each of 0 to ${order.length - 1} once`, got: `[${order.join(', ')}]` });
  }
  const { there, back } = reorder(order);
  return defineBijector({
    name: 'permutation',
    shape: [order.length],
    forwardWithLogDet: (x) => ({ value: there(x), logDet: zeros([x.shape[0]!]) }),
    inverseWithLogDet: (z) => ({ value: back(z), logDet: zeros([z.shape[0]!]) }),
  });
};

/** A random order for {@link permutation}. */
export const shuffled = (key: Key, dim: number): readonly number[] => [...randomOrder(key, dim)];
