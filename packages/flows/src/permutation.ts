import { defineBijector, permutation as randomOrder, type Bijector, type Key } from '@impflow/core';
import { gather, tensor1d, zeros } from '@tensorflow/tfjs-core';

export interface PermutationOptions {
  /** `z_i = x_{order[i]}`. */
  readonly order: readonly number[];
}

/** A fixed reordering of the features; its log-determinant is zero. */
export const permutation = ({ order }: PermutationOptions): Bijector => {
  const back = order.map((_, i) => order.indexOf(i));
  return defineBijector({
    name: 'permutation',
    shape: [order.length],
    forwardWithLogDet: (x) => ({ value: gather(x, tensor1d([...order], 'int32'), 1), logDet: zeros([x.shape[0]!]) }),
    inverseWithLogDet: (z) => ({ value: gather(z, tensor1d(back, 'int32'), 1), logDet: zeros([z.shape[0]!]) }),
  });
};

/** A random order for {@link permutation}. */
export const shuffled = (key: Key, dim: number): readonly number[] => [...randomOrder(key, dim)];
