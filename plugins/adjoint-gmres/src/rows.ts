import { concat, expandDims, mul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/** Inner product of each row, `[B, d], [B, d] -> [B, 1]`. */
export const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

// Vectors of the samples are stacked in front, `[k, B, d]`: one more is then a copy of memory in one piece.

/** Inner products of each row with its own vectors, `[k, B, d], [B, d] -> [k, B]`. */
export const dots = (stack: Tensor, x: Tensor): Tensor => sum(mul(stack, x), 2);

/** The sum of each row's vectors, weighted, `[k, B, d], [k, B] -> [B, d]`. */
export const combine = (stack: Tensor, weights: Tensor): Tensor => sum(mul(stack, reshape(weights, [...weights.shape, 1])), 0);

/** The stack with one vector `[B, d]` more for each sample; a stack of one where there was none. */
export const joined = (stack: Tensor | undefined, x: Tensor): Tensor => stack === undefined ? expandDims(x, 0) : concat([stack, expandDims(x, 0)], 0);
