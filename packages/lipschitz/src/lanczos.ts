import type { RefreshOptions } from '@impflow/core';
import { operatorOf, type PowerIterate } from './power-iteration.ts';
import { combined, largestEigenvector, orthonormalise, warmStart } from './krylov.ts';

/**
 * The largest singular value of `matrix` by Golub-Kahan-Lanczos bidiagonalisation with full reorthogonalisation, in place on
 * `u` and `v`. Returns `u^T W v`. A zero matrix (or one that is not finite) leaves the vectors alone and gives 0.
 *
 * @remarks Power iteration gains a factor `s_2 / s_1` per step and stalls where the leading singular values nearly agree, as
 * they do in trained nets, whose caps bind many of them: its changes turn small long before its error does. Here the stop is
 * the residual `|W^T u - s v| <= tolerance s`, which bounds the distance to *a* singular value without any gap. That it is the
 * largest is the start's doing: `v` plus as much of a direction that differs from search to search, so that no start (a singular vector of the second
 * value, say) can hide the first, and no training can make the first orthogonal to it. A relative gap `g` is then found for `tolerance` well below `g / sqrt(columns)`; 1e-5 keeps
 * the true norm of a capped weight of usual width within a factor `1 + 1e-3` of the cap, whatever the spectrum.
 * After `min(rows + 1, columns)` steps the value is exact. Cost per step: two products with the matrix and the
 * reorthogonalisation, on the host in float64; docs/decisions/005 has times. The fused kernel `ImpflowLargestSingular` of
 * backends that have it is the same search.
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 10.4.1; Kuczynski and Wozniakowski, Estimating the Largest Eigenvalue
 * by the Power and Lanczos Algorithms with a Random Start, 1992.
 */
export const lanczos = (iterate: PowerIterate, { iterations = Infinity, tolerance = 1e-5 }: RefreshOptions = {}): number => {
  const { u, v } = iterate;
  const operator = operatorOf(iterate);
  const rows = u.length;
  const columns = v.length;
  const steps = Math.min(rows + 1, columns, iterations);
  const left: Float64Array[] = [];
  const right: Float64Array[] = [];
  /** `B` is upper bidiagonal: `alpha` on the diagonal, `beta` above it; `W V = U B`. */
  const alpha: number[] = [];
  const beta: number[] = [];
  let next = warmStart(v);
  for (let k = 0; k < steps; k++) {
    right.push(next);
    const image = operator.times(next);
    const a = orthonormalise(image, left);
    if (k === 0) {
      if (!(a > SMALLEST && a < Infinity)) return 0;
    } else if (!(a > 1e-14 * alpha[0]!)) {
      // The space is exhausted: no further row of B, but its last column remains.
      alpha.push(0);
      left.push(new Float64Array(rows));
      return finish(leading(alpha, beta), left, right, { u, v });
    }
    left.push(image);
    alpha.push(a);
    const back = operator.timesTransposed(image);
    const b = orthonormalise(back, right);
    const last = k === steps - 1 || !(b > 1e-14 * alpha[0]!);
    if (last || k % CHECK_EVERY === CHECK_EVERY - 1) {
      const found = leading(alpha, beta);
      if (last || b * Math.abs(found.left.at(-1)!) <= tolerance * found.value) return finish(found, left, right, { u, v });
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

/** The largest singular triplet of the upper bidiagonal `B`, from the tridiagonal `B B^T`. */
const leading = (alpha: readonly number[], beta: readonly number[]): Triplet => {
  const n = alpha.length;
  const left = largestEigenvector(alpha.map((a, i) => a * a + (i < n - 1 ? beta[i]! ** 2 : 0)), alpha.slice(1).map((a, i) => a * beta[i]!));
  const right = left.map((p, i) => alpha[i]! * p + (i > 0 ? beta[i - 1]! * left[i - 1]! : 0));
  const value = Math.hypot(...right);
  return { value, left, right: right.map((q) => q / value) };
};

/** Writes the Ritz vectors into `u` and `v`. */
const finish = ({ value, left: p, right: q }: Triplet, left: readonly Float64Array[], right: readonly Float64Array[], { u, v }: { u: Float64Array; v: Float64Array }): number => {
  u.set(combined(p, left));
  v.set(combined(q, right));
  return value;
};
