import { key, normals } from '@impflow/core';

/** Unit `v` plus a unit random direction, which depends on the size alone so that results repeat: no start can hide the leading vector from the search. */
export const warmStart = (v: Float64Array): Float64Array => {
  const draw = normals(key(v.length), v.length);
  const size = length(draw);
  // The direction's side that does not cancel `v`: with one column it could, wholly.
  const side = v.reduce((along, x, i) => along + x * draw[i]!, 0) < 0 ? -1 : 1;
  const start = v.map((x, i) => (Number.isFinite(x) ? x : 0) + side * draw[i]! / size);
  const norm = length(start);
  return start.map((x) => x / norm);
};

/** Makes `x` orthogonal to `basis` (twice is enough) and a unit vector; returns the norm it had, or 0 for nothing left. */
export const orthonormalise = (x: Float64Array, basis: readonly Float64Array[]): number => {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      let along = 0;
      for (let i = 0; i < x.length; i++) along += x[i]! * other[i]!;
      for (let i = 0; i < x.length; i++) x[i] = x[i]! - along * other[i]!;
    }
  }
  const norm = length(x);
  if (norm > 0) for (let i = 0; i < x.length; i++) x[i] = x[i]! / norm;
  return norm;
};

/** `sum_k weights_k basis_k`. */
export const combined = (weights: ArrayLike<number>, basis: readonly Float64Array[]): Float64Array => {
  const out = new Float64Array(basis[0]!.length);
  for (const [k, vector] of basis.entries()) {
    const weight = weights[k]!;
    for (let i = 0; i < out.length; i++) out[i] = out[i]! + weight * vector[i]!;
  }
  return out;
};

/** The unit eigenvector of the largest eigenvalue of a symmetric, positive semi-definite tridiagonal matrix: bisection, then inverse iteration. */
export const largestEigenvector = (diagonal: readonly number[], off: readonly number[]): Float64Array => {
  // Below `low` lies a diagonal entry, `high` is Gershgorin's bound; at `high` all pivots of T - mu stay negative.
  let low = Math.max(...diagonal);
  let high = Math.max(...diagonal.map((d, i) => d + Math.abs(off[i - 1] ?? 0) + Math.abs(off[i] ?? 0))) * (1 + 1e-15);
  for (let i = 0; i < 60 && high - low > 1e-15 * high; i++) {
    const middle = 0.5 * (low + high);
    if (isAbove(middle, diagonal, off)) high = middle;
    else low = middle;
  }
  return topVector(high * (1 + 1e-14), diagonal, off);
};

/** Not by `Math.hypot`, whose arguments are a stack. */
const length = (x: Float64Array): number => {
  let square = 0;
  for (const entry of x) square += entry * entry;
  return Math.sqrt(square);
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

