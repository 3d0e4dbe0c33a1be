import { customOp } from '@impflow/core';
import { add, matMul, ones, reshape, transpose, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Returns `x W^T + b`, `[B, inputs] -> [B, outputs]`, with `W` `[outputs, inputs]`. Differentiable.
 *
 * @remarks The gradient of tfjs's matMul uses products with transposed arguments. In tfjs-wasm, a product with a
 * transposed argument takes thirteen times as long as a transpose followed by a plain product.
 */
export const affineMap = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
  customOp([x, weight, bias], {
    forward: () => ({ value: add(matMul(x, transpose(weight)), bias), saved: { x, weight } }),
    backward: (dy, saved) => [
      matMul(dy, saved.weight),
      matMul(transpose(dy), saved.x),
      reshape(matMul(ones([1, dy.shape[0]!]), dy), [-1]),
    ],
  });
