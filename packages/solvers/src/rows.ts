import { expandDims, mul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/** Inner products of corresponding rows, `[B, d], [B, d] -> [B, 1]`. */
export const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

/** Inner products of each row with its own stack, `[B, k, d], [B, d] -> [B, k]`. */
export const dots = (stack: Tensor, x: Tensor): Tensor => sum(mul(stack, expandDims(x, 1)), 2);

/** Weighted sum of each row's stack, `[B, k, d], [B, k] -> [B, d]`. */
export const combine = (stack: Tensor, weights: Tensor): Tensor =>
  sum(mul(stack, reshape(weights, [...weights.shape, 1])), 1);
