import type { RefreshOptions } from '@impflow/core';
import { combined, largestEigenvector, orthonormalize, warmStart } from './krylov.ts';
import { operatorOf, type PowerIterate } from './power-iteration.ts';

/**
 * Finds the largest singular value of `matrix`, by Golub-Kahan-Lanczos bidiagonalization with full reorthogonalization.
 * Updates `u` and `v` in place and returns `u^T W v`. For a matrix that is zero or not finite, leaves the vectors
 * unchanged and returns 0.
 *
 * @remarks The error of power iteration shrinks by a factor `s_2 / s_1` per product with the matrix. Power iteration
 * stalls if the leading singular values are nearly equal, as in trained nets, where many singular values reach the cap.
 * The steps of power iteration then become small long before its error is small. Lanczos' method stops at the residual
 * `|W^T u - s v| <= tolerance s`. This residual bounds the distance of `s` to some singular value, for any gaps between
 * singular values. To find the largest singular value, each search starts from `v` plus a direction of the same length
 * that differs from search to search. So training cannot make the leading singular vector orthogonal to the initial
 * vector of every search. The search separates leading singular values with a relative gap `g` if `tolerance` is well
 * below `g / sqrt(columns)`. With `tolerance` 1e-5, the norm of a capped weight of usual width is at most `1 + 1e-3`
 * times the cap, for any spectrum. After `min(rows + 1, columns)` steps the value is exact. A step costs two products
 * with the matrix and the reorthogonalization, on the host in float64; docs/decisions/005 has times. On backends that
 * have the kernel `ImpflowLargestSingular`, this kernel runs the search.
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 10.4.1; Kuczynski and Wozniakowski, Estimating the Largest
 * Eigenvalue by the Power and Lanczos Algorithms with a Random Start, 1992.
 */
export const lanczos = (
  iterate: PowerIterate,
  { iterations = Infinity, tolerance = 1e-5 }: RefreshOptions = {},
): number => {
  const { u, v } = iterate;
  const operator = operatorOf(iterate);
  const rows = u.length;
  const columns = v.length;
  const steps = Math.min(rows + 1, columns, iterations);
  const left: Float64Array[] = [];
  const right: Float64Array[] = [];
  /** The upper bidiagonal `B`, with `W V = U B`: `alpha` on the diagonal, `beta` above it. */
  const alpha: number[] = [];
  const beta: number[] = [];
  let next = warmStart(v);
  for (let k = 0; k < steps; k++) {
    right.push(next);
    const image = operator.times(next);
    const a = orthonormalize(image, left);
    if (k === 0) {
      if (!(a > SMALLEST && a < Infinity)) return 0;
    } else if (!(a > 1e-14 * alpha[0]!)) {
      // The Krylov space is exhausted: B gets no further row, but keeps its last column.
      alpha.push(0);
      left.push(new Float64Array(rows));
      return finish(leading(alpha, beta), left, right, { u, v });
    }
    left.push(image);
    alpha.push(a);
    const back = operator.timesTransposed(image);
    const b = orthonormalize(back, right);
    const last = k === steps - 1 || !(b > 1e-14 * alpha[0]!);
    if (last || k % CHECK_EVERY === CHECK_EVERY - 1) {
      const found = leading(alpha, beta);
      if (last || b * Math.abs(found.left.at(-1)!) <= tolerance * found.value)
        return finish(found, left, right, { u, v });
    }
    beta.push(b);
    next = back;
  }
  return 0;
};

const SMALLEST = 1e-30;
const CHECK_EVERY = 4;

interface Triplet {
  readonly value: number;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** Returns the largest singular triplet of the upper bidiagonal `B`, from the tridiagonal `B B^T`. */
const leading = (alpha: readonly number[], beta: readonly number[]): Triplet => {
  const n = alpha.length;
  const left = largestEigenvector(
    alpha.map((a, i) => a * a + (i < n - 1 ? beta[i]! ** 2 : 0)),
    alpha.slice(1).map((a, i) => a * beta[i]!),
  );
  const right = left.map((p, i) => alpha[i]! * p + (i > 0 ? beta[i - 1]! * left[i - 1]! : 0));
  const value = Math.hypot(...right);
  return { value, left, right: right.map((q) => q / value) };
};

/** Writes the Ritz vectors into `u` and `v`. */
const finish = (
  { value, left: p, right: q }: Triplet,
  left: readonly Float64Array[],
  right: readonly Float64Array[],
  { u, v }: { u: Float64Array; v: Float64Array },
): number => {
  u.set(combined(p, left));
  v.set(combined(q, right));
  return value;
};
