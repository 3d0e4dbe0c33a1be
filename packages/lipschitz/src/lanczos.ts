import { key, normals, type RefreshOptions } from '@impflow/core';
import { times, timesTransposed, type PowerIterate } from './power-iteration.ts';

/**
 * The largest singular value of `matrix` by Golub-Kahan-Lanczos bidiagonalisation with full reorthogonalisation, in place on
 * `u` and `v`. Returns `u^T W v`. A zero matrix (or one that is not finite) leaves the vectors alone and gives 0.
 *
 * @remarks Power iteration gains a factor `s_2 / s_1` per step and stalls where the leading singular values nearly agree, as
 * they do in trained nets, whose caps bind many of them: its changes turn small long before its error does. Here the stop is
 * the residual `|W^T u - s v| <= tolerance s`, which bounds the distance to *a* singular value without any gap. That it is the
 * largest is the start's doing: `v` plus as much of a fixed random direction, so that no start (a singular vector of the second
 * value, say) can hide the first. A relative gap `g` is then found for `tolerance` well below `g / sqrt(columns)`; 1e-5 keeps
 * the true norm of a capped weight of usual width within a factor `1 + 1e-3` of the cap, whatever the spectrum.
 * After `min(rows + 1, columns)` steps the value is exact. Cost per step: two products with the matrix and the
 * reorthogonalisation, on the host in float64; docs/decisions/005 has times. The fused kernel `ImpflowLargestSingular` of
 * backends that have it is the same search.
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 10.4.1; Kuczynski and Wozniakowski, Estimating the Largest Eigenvalue
 * by the Power and Lanczos Algorithms with a Random Start, 1992.
 */
export const lanczos = ({ matrix, u, v }: PowerIterate, { iterations = Infinity, tolerance = 1e-5 }: RefreshOptions = {}): number => {
  const rows = u.length;
  const columns = v.length;
  const steps = Math.min(rows + 1, columns, iterations);
  const values = Float64Array.from(matrix);
  const left: Float64Array[] = [];
  const right: Float64Array[] = [];
  /** `B` is upper bidiagonal: `alpha` on the diagonal, `beta` above it; `W V = U B`. */
  const alpha: number[] = [];
  const beta: number[] = [];
  let next = startFrom(v);
  for (let k = 0; k < steps; k++) {
    right.push(next);
    const image = times(values, next, rows);
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
    const back = timesTransposed(values, image, columns);
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

/** Unit `v` plus a unit random direction, which depends on the size alone so that results repeat. */
const startFrom = (v: Float64Array): Float64Array => {
  const draw = normals(key(v.length), v.length);
  const size = Math.hypot(...draw);
  // The direction's side that does not cancel `v`: with one column it could, wholly.
  const side = v.reduce((along, x, i) => along + x * draw[i]!, 0) < 0 ? -1 : 1;
  const start = v.map((x, i) => (Number.isFinite(x) ? x : 0) + side * draw[i]! / size);
  const norm = Math.hypot(...start);
  return start.map((x) => x / norm);
};

/** Makes `x` orthogonal to `basis` (twice is enough) and a unit vector; returns the norm it had, or 0 for nothing left. */
const orthonormalise = (x: Float64Array, basis: readonly Float64Array[]): number => {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      let along = 0;
      for (let i = 0; i < x.length; i++) along += x[i]! * other[i]!;
      for (let i = 0; i < x.length; i++) x[i] = x[i]! - along * other[i]!;
    }
  }
  let square = 0;
  for (const entry of x) square += entry * entry;
  const norm = Math.sqrt(square);
  if (norm > 0) for (let i = 0; i < x.length; i++) x[i] = x[i]! / norm;
  return norm;
};

interface Triplet {
  readonly value: number;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** The largest singular triplet of the upper bidiagonal `B`, from the tridiagonal `B B^T`: bisection, then inverse iteration. */
const leading = (alpha: readonly number[], beta: readonly number[]): Triplet => {
  const n = alpha.length;
  const diagonal = alpha.map((a, i) => a * a + (i < n - 1 ? beta[i]! ** 2 : 0));
  const off = alpha.slice(1).map((a, i) => a * beta[i]!);
  // Below `low` lies a diagonal entry, `high` is Gershgorin's bound; at `high` all pivots of T - mu stay negative.
  let low = Math.max(...diagonal);
  let high = Math.max(...diagonal.map((d, i) => d + Math.abs(off[i - 1] ?? 0) + Math.abs(off[i] ?? 0))) * (1 + 1e-15);
  for (let i = 0; i < 60 && high - low > 1e-15 * high; i++) {
    const middle = 0.5 * (low + high);
    if (isAbove(middle, diagonal, off)) high = middle;
    else low = middle;
  }
  const left = topVector(high * (1 + 1e-14), diagonal, off);
  const right = left.map((p, i) => alpha[i]! * p + (i > 0 ? beta[i - 1]! * left[i - 1]! : 0));
  const value = Math.hypot(...right);
  return { value, left, right: right.map((q) => q / value) };
};

/** Whether `mu` exceeds every eigenvalue of the tridiagonal matrix: all pivots of `T - mu` are negative. */
const isAbove = (mu: number, diagonal: readonly number[], off: readonly number[]): boolean => {
  let pivot = -1;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i]! - mu - (i > 0 ? off[i - 1]! ** 2 / pivot : 0);
    if (!(pivot < 0)) return false;
  }
  return true;
};

/** The eigenvector next below `mu`, an upper bound of all eigenvalues: `mu - T` is positive definite, so no pivoting. */
const topVector = (mu: number, diagonal: readonly number[], off: readonly number[]): Float64Array => {
  const n = diagonal.length;
  const pivots = new Float64Array(n);
  for (let i = 0; i < n; i++) pivots[i] = Math.max(mu - diagonal[i]! - (i > 0 ? off[i - 1]! ** 2 / pivots[i - 1]! : 0), Number.MIN_VALUE + 1e-17 * mu);
  const x = new Float64Array(n).fill(1 / Math.sqrt(n));
  for (let round = 0; round < 3; round++) {
    for (let i = 1; i < n; i++) x[i] = x[i]! + off[i - 1]! / pivots[i - 1]! * x[i - 1]!;
    for (let i = n - 1; i >= 0; i--) x[i] = (x[i]! + (i < n - 1 ? off[i]! * x[i + 1]! : 0)) / pivots[i]!;
    const norm = Math.hypot(...x);
    for (let i = 0; i < n; i++) x[i] = x[i]! / norm;
  }
  return x;
};

/** Writes the Ritz vectors into `u` and `v`. */
const finish = ({ value, left: p, right: q }: Triplet, left: readonly Float64Array[], right: readonly Float64Array[], { u, v }: { u: Float64Array; v: Float64Array }): number => {
  combine(p, left, u);
  combine(q, right, v);
  return value;
};

const combine = (weights: Float64Array, basis: readonly Float64Array[], into: Float64Array): void => {
  into.fill(0);
  for (const [k, vector] of basis.entries()) {
    const weight = weights[k]!;
    for (let i = 0; i < into.length; i++) into[i] = into[i]! + weight * vector[i]!;
  }
};
