import { customOp, sizeOf } from '@impflow/core';
import { div, mul, relu, reshape, step, sum, tile, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Returns `max(x, 0)`. Differentiable.
 *
 * @remarks The gradient of tfjs casts the step function to int32 and back, which costs far more than the product used
 * here.
 */
export const rectify = (x: Tensor): Tensor =>
  customOp([x], {
    forward: () => {
      const value = relu(x);
      return { value, saved: { value } };
    },
    backward: (dy, { value }) => [mul(dy, step(value))],
  });

/**
 * Returns the mean of each channel over all pixels, `[B, h, w, c] -> [B, c]`. Differentiable.
 *
 * @remarks In tfjs-wasm, the mean of tfjs over two axes and its gradient are far slower than this function.
 */
export const globalAverage = (x: Tensor): Tensor => {
  const rows = x.shape[0]!,
    channels = x.shape.at(-1)!,
    pixels = sizeOf(x.shape.slice(1, -1));
  return customOp([x], {
    forward: () => ({ value: div(sum(reshape(x, [rows, pixels, channels]), 1), pixels), saved: {} }),
    backward: (dy) => [reshape(tile(div(dy, pixels), [1, pixels]), x.shape)],
  });
};
