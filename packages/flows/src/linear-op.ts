import { customOp } from '@impflow/core';
import { add, matMul, ones, reshape, transpose, type Tensor } from '@tensorflow/tfjs-core';

/**
 * `x W^T + b` on the tape, with `W` `[outputs, inputs]`.
 *
 * @remarks The gradient of tfjs's matMul asks for transposed products, thirteen times slower in tfjs-wasm than transposing first.
 */
export const affineMap = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => customOp([x, weight, bias], {
  forward: () => ({ value: add(matMul(x, transpose(weight)), bias), saved: { x, weight } }),
  backward: (dy, saved) => [
    matMul(dy, saved.weight),
    matMul(transpose(dy), saved.x),
    reshape(matMul(ones([1, dy.shape[0]!]), dy), [-1]),
  ],
});
