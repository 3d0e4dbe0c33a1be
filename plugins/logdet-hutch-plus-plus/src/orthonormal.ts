import {
  cast,
  concat,
  div,
  expandDims,
  greater,
  maximum,
  mul,
  norm,
  split,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * Returns an orthonormal basis of the span of the vectors of each sample, `[K, B, d] -> [K, B, d]`, by Gram-Schmidt
 * with two passes. A vector that depends linearly on earlier vectors becomes zero.
 *
 * @remarks Samples do not affect each other. Costs about `12 K` operations on tensors of at most `[K, B, d]`.
 * @see Giraud, Langou, Rozloznik, van den Eshof, Rounding Error Analysis of the Classical Gram-Schmidt
 * Orthogonalization Process, 2005: two passes are enough.
 */
export const orthonormal = (vectors: Tensor): Tensor => {
  const basis: Tensor[] = [];
  for (const vector of split(vectors, vectors.shape[0]!)) {
    const rest = basis.length === 0 ? vector : twice(concat(basis), vector);
    const [size, left] = [norm(vector, 2, 2, true), norm(rest, 2, 2, true)];
    const independent = cast(greater(left, mul(size, DEPENDENT)), 'float32');
    basis.push(mul(rest, div(independent, maximum(left, SMALLEST))));
  }
  return concat(basis);
};

const twice = (basis: Tensor, v: Tensor): Tensor => without(basis, without(basis, v));

/**
 * Returns `v - Q Q^T v` for `v` `[P, B, d]` and an orthonormal basis `Q` `[K, B, d]`. Zero vectors in `Q` have no
 * effect.
 */
export const without = (basis: Tensor, v: Tensor): Tensor => {
  const directions = expandDims(basis, 1);
  return sub(v, sum(mul(directions, sum(mul(directions, v), 3, true)), 0));
};

/**
 * If a vector depends linearly on earlier vectors, only rounding errors remain, about 1e-7 of its norm in float32. A
 * vector that is reduced below 1e-5 of its norm becomes zero.
 */
const DEPENDENT = 1e-5;
/** Smallest norm by which a vector is divided. The bound avoids a division by zero. */
const SMALLEST = 1e-30;
