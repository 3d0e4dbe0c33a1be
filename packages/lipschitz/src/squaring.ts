import { key, normals, scoped } from '@impflow/core';
import {
  abs,
  add,
  div,
  greater,
  isFinite,
  matMul,
  max,
  mul,
  reshape,
  sin,
  sqrt,
  square,
  sum,
  tensor1d,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * Finds unit vectors `[u [m], v [n]]` of the largest singular value of `weight [m, n]` by repeated squaring of its Gram
 * matrix. After `k` squarings, one product replaces `2^k` steps of power iteration. The search consists of matrix
 * products, which graphics cards compute fast, and needs no read-back. For a weight that is zero or not finite, the
 * search returns the given vectors.
 *
 * @remarks The search makes `log2(1 / tolerance)` squarings of the smaller Gram matrix, in float32. The initial vector
 * is the given vector plus a direction of the same length that differs from search to search, as for {@link lanczos}.
 * If the component of the initial vector along the leading singular vector has length `r`, the value found is at least
 * `1 - tolerance / (11 r^2)` times the true value, for any spectrum. Other singular vectors contribute to the result
 * only if their singular values are nearly as large. The next search starts from the result.
 */
export const largestBySquaring = (weight: Tensor, u: Tensor, v: Tensor, tolerance: number): readonly [Tensor, Tensor] =>
  scoped(() => {
    const [rows, columns] = weight.shape as [number, number];
    const wide = columns > rows;
    const size = wide ? rows : columns;
    // Scale the matrix first: squares of huge or tiny entries would overflow or underflow.
    const matrix = div(weight, max(abs(weight)));
    let gram = unit(matMul(matrix, matrix, !wide, wide));
    for (let power = 2, squarings = 1; power * tolerance < 2; power *= 2, squarings++) {
      gram = matMul(gram, gram);
      // The largest eigenvalue of a unit Gram matrix is at least size^(-1/2), and after three squarings at least
      // size^-4.
      if (squarings % 3 === 0) gram = unit(gram);
    }
    const given = wide ? u : v;
    const near = where(isFinite(given), given, zerosLike(given));
    // The phases of the sines change by many periods as the vector changes, so each search has a different direction.
    // Training cannot make the leading singular vector orthogonal to all these directions.
    const start = add(near, unit(sin(add(mul(near, 1e5), tensor1d(Float32Array.from(phases(size)))))));
    // The last products use the matrix itself instead of its Gram matrix, because squaring amplifies rounding errors.
    const first = unit(matMul(gram, reshape(start, [size, 1])));
    const other = unit(matMul(matrix, first, wide, false));
    const same = unit(matMul(matrix, other, !wide, false));
    const found = greater(sum(square(same)), 0.5);
    const [nextU, nextV] = wide ? [same, other] : [other, same];
    return [where(found, reshape(nextU, [rows]), u), where(found, reshape(nextV, [columns]), v)] as const;
  });

/** Returns `x / |x|` with the Euclidean norm of all entries of `x`, or NaN for zero. */
const unit = (x: Tensor): Tensor => div(x, sqrt(sum(square(x))));

const phases = (size: number): Float64Array => normals(key(size), size).map((x) => 10 * x);
