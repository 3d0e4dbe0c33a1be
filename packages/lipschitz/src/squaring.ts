import { key, normals, scoped } from '@impflow/core';
import { abs, add, div, greater, isFinite, matMul, max, mul, reshape, sin, sqrt, square, sum, tensor1d, where, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Unit vectors `u [m]`, `v [n]` of the largest singular value of `weight [m, n]`, by squaring its Gram matrix again and again: after `k` squarings
 * one product does the work of `2^k` steps of power iteration. Nothing is read back, and products are what a device with many
 * threads is good at. A weight that is zero or not finite gives back the vectors given.
 *
 * @remarks `log2(1 / tolerance)` squarings of the smaller Gram matrix, in float32. The start is the vector given plus as much of a direction that differs from search to search, as for
 * {@link lanczos}. Where it has a share `r` of the leading vector, the value found is too small by a factor of at least `1 - tolerance / (11 r^2)`, whatever
 * the spectrum: what it averages over are vectors whose values are hardly apart. The next search begins where this one ended.
 */
export const largestBySquaring = (weight: Tensor, u: Tensor, v: Tensor, tolerance: number): readonly [Tensor, Tensor] => scoped(() => {
  const [rows, columns] = weight.shape as [number, number];
  const wide = columns > rows;
  const size = wide ? rows : columns;
  // Squares of what is huge or tiny are lost.
  const matrix = div(weight, max(abs(weight)));
  let gram = unit(matMul(matrix, matrix, !wide, wide));
  for (let power = 2, squarings = 1; power * tolerance < 2; power *= 2, squarings++) {
    gram = matMul(gram, gram);
    // The largest value of a unit Gram matrix is at least size^(-1/2), and size^-4 after three squarings.
    if (squarings % 3 === 0) gram = unit(gram);
  }
  const given = wide ? u : v;
  const near = where(isFinite(given), given, zerosLike(given));
  // Phases that turn many times as the vector moves: no training can make the leading vector orthogonal to a direction that is another in each search.
  const start = add(near, unit(sin(add(mul(near, 1e5), tensor1d(Float32Array.from(phases(size)))))));
  // From here with the matrix itself, whose rounding is not squared.
  const first = unit(matMul(gram, reshape(start, [size, 1])));
  const other = unit(matMul(matrix, first, wide, false));
  const same = unit(matMul(matrix, other, !wide, false));
  const found = greater(sum(square(same)), 0.5);
  const [nextU, nextV] = wide ? [same, other] : [other, same];
  return [where(found, reshape(nextU, [rows]), u), where(found, reshape(nextV, [columns]), v)] as const;
});

/** `x / |x|`, in the Euclidean norm of all its numbers; NaN for zero. */
const unit = (x: Tensor): Tensor => div(x, sqrt(sum(square(x))));

const phases = (size: number): Float64Array => normals(key(size), size).map((x) => 10 * x);
