import { customOp } from '@impflow/core';
import { gather, tensor1d, type Tensor } from '@tensorflow/tfjs-core';

/** Reorders features: `y_i = x_{order[i]}`, `[B, ..., d] -> [B, ..., d]`. Differentiable. */
type Reorder = (x: Tensor) => Tensor;

/**
 * Returns a permutation of features and its inverse. The gradient of `there` applies `back`, and the gradient of `back`
 * applies `there`.
 *
 * @remarks The gradient of tfjs's gather uses a segment sum, for which tfjs-wasm has no kernel.
 */
export const reorder = (order: readonly number[]): { readonly there: Reorder; readonly back: Reorder } => {
  const inverse = order.map((_, i) => order.indexOf(i));
  const picked = (x: Tensor, indices: readonly number[]): Tensor =>
    gather(x, tensor1d([...indices], 'int32'), x.rank - 1);
  const op =
    (forth: readonly number[], home: readonly number[]): Reorder =>
    (x) =>
      customOp([x], { forward: () => ({ value: picked(x, forth), saved: {} }), backward: (dy) => [picked(dy, home)] });
  return { there: op(order, inverse), back: op(inverse, order) };
};
