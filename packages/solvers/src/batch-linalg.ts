import {
  engine,
  expandDims,
  matMul,
  mul,
  reshape,
  Select,
  squeeze,
  sum,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * Returns `a` for the samples where `mask` (bool, `[B]`) is true, and `b` where `mask` is false. The function selects
 * instead of multiplying by the mask, because the entries that are not chosen may be NaN.
 */
export const select = (mask: Tensor, a: Tensor, b: Tensor): Tensor =>
  a.rank === 1
    ? // Of tensors of one shape, `where` first makes copies.
      engine().runKernel<Tensor>(Select, { condition: mask, t: a, e: b })
    : where(reshape(mask, [a.shape[0]!, ...a.shape.slice(1).map(() => 1)]), a, b);

/** Returns the inner product of the two vectors of each sample, `[B, d], [B, d] -> [B, 1]`. */
export const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

/** Returns `A x` of each sample, computed as a matrix product, `[B, k, d], [B, d] -> [B, k]`. */
export const matVec = (a: Tensor, x: Tensor): Tensor => squeeze(matMul(a, expandDims(x, 2)), [2]);

/** Returns `x^T A` of each sample, computed as a matrix product, `[B, k], [B, k, d] -> [B, d]`. */
export const vecMat = (x: Tensor, a: Tensor): Tensor => squeeze(matMul(expandDims(x, 1), a), [1]);

/**
 * Returns the inner product of each of the `k` vectors of a sample with `x`, `[B, k, d], [B, d] -> [B, k]`.
 * {@link matVec} computes these inner products as a matrix product; `stackDot` adds products entry by entry, which
 * rounds differently.
 */
export const stackDot = (stack: Tensor, x: Tensor): Tensor => sum(mul(stack, expandDims(x, 1)), 2);

/**
 * Returns the weighted sum of the `k` vectors of each sample, `[B, k, d], [B, k] -> [B, d]`. {@link vecMat} computes
 * this sum as a matrix product; `stackCombine` adds products entry by entry, which rounds differently.
 */
export const stackCombine = (stack: Tensor, weights: Tensor): Tensor =>
  sum(mul(stack, reshape(weights, [...weights.shape, 1])), 1);
