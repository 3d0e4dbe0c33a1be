import { mul, reshape, sum, where, type Tensor } from '@tensorflow/tfjs-core';

/** Samples as rows, `[B, ...event] -> [B, d]`. */
export const rows = (x: Tensor): Tensor => x.rank === 2 ? x : reshape(x, [x.shape[0]!, -1]);

/** Inner product of each row, `[B, d], [B, d] -> [B, 1]`. */
export const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

/** Inner products of each row with its own stack, `[B, k, d], [B, d] -> [B, k]`. */
export const dots = (stack: Tensor, x: Tensor): Tensor => sum(mul(stack, reshape(x, [x.shape[0]!, 1, -1])), 2);

/** The sum of each row's stack, weighted, `[B, k, d], [B, k] -> [B, d]`. */
export const combine = (stack: Tensor, weights: Tensor): Tensor => sum(mul(stack, reshape(weights, [...weights.shape, 1])), 1);

/**
 * `a` for the samples that `mask` (bool, `[B]`) marks, `b` for the others. A choice, never a product with the mask: what is
 * not chosen may be NaN.
 */
export const select = (mask: Tensor, a: Tensor, b: Tensor): Tensor =>
  where(a.rank === 1 ? mask : reshape(mask, [a.shape[0]!, ...a.shape.slice(1).map(() => 1)]), a, b);
