import { concat, expandDims, mul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/** Inner products of corresponding rows, `[B, d], [B, d] -> [B, 1]`. */
export const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

// Vectors are stacked along the first axis, `[k, B, d]`: appending one copies a single block of memory.

/** Inner products of each row with its own vectors, `[k, B, d], [B, d] -> [k, B]`. */
export const dots = (stack: Tensor, x: Tensor): Tensor => sum(mul(stack, x), 2);

/** Weighted sum of each row's vectors, `[k, B, d], [k, B] -> [B, d]`. */
export const combine = (stack: Tensor, weights: Tensor): Tensor =>
  sum(mul(stack, reshape(weights, [...weights.shape, 1])), 0);

/** Appends a vector `[B, d]` to the stack, or makes a stack of it. */
export const joined = (stack: Tensor | undefined, x: Tensor): Tensor =>
  stack === undefined ? expandDims(x, 0) : concat([stack, expandDims(x, 0)], 0);
