/**
 * Returns a unit vector: `v` plus a pseudorandom unit direction, scaled to length 1. The direction is a hash of the
 * indices and the bits of `v`, so results are reproducible and each `v` has a different direction.
 *
 * @remarks A direction that depends only on the length of `v` would not be enough. The search would then never find
 * a singular vector that is orthogonal to this direction and to `v`, and in training the singular value of this vector
 * could grow past the cap.
 */
export const warmStart = (v: Float64Array): Float64Array => {
  const direction = directionFor(v);
  // Choose the sign of the direction for which `v` and the direction do not cancel. For vectors of length 1, the other
  // sign could give zero.
  const side = dot(v, direction) < 0 ? -1 : 1;
  const start = new Float64Array(v.length);
  for (let i = 0; i < v.length; i++) start[i] = (Number.isFinite(v[i]!) ? v[i]! : 0) + side * direction[i]!;
  const norm = length(start);
  for (let i = 0; i < v.length; i++) start[i] = start[i]! / norm;
  return start;
};

/** Returns the unit direction of {@link warmStart}. The kernel `ImpflowLargestSingular` computes the same direction. */
const directionFor = (v: Float64Array): Float64Array => {
  const bits = new Int32Array(Float32Array.from(v).buffer);
  const seed = bits.reduce((hash, entry) => Math.imul(hash ^ entry, 0x01000193), 0x811c9dc5 | 0);
  const direction = Float64Array.from(v, (_, i) => scrambled((Math.imul(i, 0x9e3779b1) + seed) | 0) / 2 ** 31);
  const norm = length(direction);
  return direction.map((entry) => entry / norm);
};

/** Hashes an integer with the finalizer of MurmurHash3. */
const scrambled = (x: number): number => {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/**
 * Makes `x` orthogonal to `basis`, in two passes, and scales it to length 1. Returns the length before scaling, or 0 if
 * `x` lies in the span of `basis`.
 */
export const orthonormalize = (x: Float64Array, basis: readonly Float64Array[]): number => {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      const along = dot(x, other);
      for (let i = 0; i < x.length; i++) x[i] = x[i]! - along * other[i]!;
    }
  }
  const norm = length(x);
  if (norm > 0) for (let i = 0; i < x.length; i++) x[i] = x[i]! / norm;
  return norm;
};

/** Returns the linear combination `sum_k weights_k basis_k`. */
export const combined = (weights: ArrayLike<number>, basis: readonly Float64Array[]): Float64Array => {
  const out = new Float64Array(basis[0]!.length);
  for (const [k, vector] of basis.entries()) {
    const weight = weights[k]!;
    for (let i = 0; i < out.length; i++) out[i] = out[i]! + weight * vector[i]!;
  }
  return out;
};

/**
 * Returns the unit eigenvector of the largest eigenvalue of a symmetric, positive semidefinite tridiagonal matrix, by
 * bisection and inverse iteration.
 */
export const largestEigenvector = (diagonal: readonly number[], off: readonly number[]): Float64Array => {
  // The largest diagonal entry is a lower bound of the eigenvalue, and Gershgorin's theorem gives an upper bound. For
  // mu = high, all pivots of T - mu are negative.
  let low = Math.max(...diagonal);
  let high = Math.max(...diagonal.map((d, i) => d + Math.abs(off[i - 1] ?? 0) + Math.abs(off[i] ?? 0))) * (1 + 1e-15);
  for (let i = 0; i < 60 && high - low > 1e-15 * high; i++) {
    const middle = 0.5 * (low + high);
    if (isAbove(middle, diagonal, off)) high = middle;
    else low = middle;
  }
  return topVector(high * (1 + 1e-14), diagonal, off);
};

/**
 * Returns the inner product `<a, b>`. Computes four independent partial sums, because an addition must wait for the
 * previous addition to the same sum.
 */
export const dot = (a: Float64Array, b: Float64Array): number => {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  const end = a.length - (a.length % 4);
  for (let i = 0; i < end; i += 4) {
    first += a[i]! * b[i]!;
    second += a[i + 1]! * b[i + 1]!;
    third += a[i + 2]! * b[i + 2]!;
    fourth += a[i + 3]! * b[i + 3]!;
  }
  let sum = first + second + (third + fourth);
  for (let i = end; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/**
 * Returns the Euclidean norm. `Math.hypot` cannot be used: its arguments are passed on the stack, and long vectors
 * would overflow the stack.
 */
const length = (x: Float64Array): number => Math.sqrt(dot(x, x));

/**
 * Returns whether `mu` exceeds every eigenvalue of the tridiagonal matrix `T`. `mu` exceeds all eigenvalues if all
 * pivots of `T - mu` are negative.
 */
const isAbove = (mu: number, diagonal: readonly number[], off: readonly number[]): boolean => {
  let pivot = -1;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i]! - mu - (i > 0 ? off[i - 1]! ** 2 / pivot : 0);
    if (!(pivot < 0)) return false;
  }
  return true;
};

/**
 * Returns the eigenvector of the largest eigenvalue, by inverse iteration at `mu`, an upper bound of all eigenvalues.
 * `mu - T` is positive definite, so no pivoting is needed.
 */
const topVector = (mu: number, diagonal: readonly number[], off: readonly number[]): Float64Array => {
  const n = diagonal.length;
  const pivots = new Float64Array(n);
  for (let i = 0; i < n; i++)
    pivots[i] = Math.max(
      mu - diagonal[i]! - (i > 0 ? off[i - 1]! ** 2 / pivots[i - 1]! : 0),
      Number.MIN_VALUE + 1e-17 * mu,
    );
  const x = new Float64Array(n).fill(1 / Math.sqrt(n));
  for (let round = 0; round < 3; round++) {
    for (let i = 1; i < n; i++) x[i] = x[i]! + (off[i - 1]! / pivots[i - 1]!) * x[i - 1]!;
    for (let i = n - 1; i >= 0; i--) x[i] = (x[i]! + (i < n - 1 ? off[i]! * x[i + 1]! : 0)) / pivots[i]!;
    const norm = Math.hypot(...x);
    for (let i = 0; i < n; i++) x[i] = x[i]! / norm;
  }
  return x;
};
