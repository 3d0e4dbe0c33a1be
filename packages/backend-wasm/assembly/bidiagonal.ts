/**
 * Returns the largest singular value of the upper bidiagonal `n x n` matrix with `alpha` on and `beta` above the
 * diagonal. Writes the singular vectors of this value to `left` and `right`. Method: bisection and inverse iteration on
 * the tridiagonal `B B^T`. `work` has `3 n` float64.
 */
export function leadingTriplet(alpha: usize, beta: usize, left: usize, right: usize, work: usize, n: i32): f64 {
  const diagonal = work, off = diagonal + (<usize>n << 3), pivots = off + (<usize>n << 3);
  for (let i = 0; i < n; i++) {
    const b = i < n - 1 ? at(beta, i) : 0;
    set(diagonal, i, at(alpha, i) * at(alpha, i) + b * b);
    set(off, i, i < n - 1 ? at(alpha, i + 1) * b : 0);
  }
  // `low` is the largest diagonal entry, and `high` is Gershgorin's bound: for mu = `high` all pivots of T - mu are
  // negative.
  let low: f64 = 0, high: f64 = 0;
  for (let i = 0; i < n; i++) {
    low = max(low, at(diagonal, i));
    high = max(high, at(diagonal, i) + abs(at(off, i)) + (i > 0 ? abs(at(off, i - 1)) : 0));
  }
  high *= 1 + 1e-15;
  for (let i = 0; i < 60 && high - low > 1e-15 * high; i++) {
    const middle = 0.5 * (low + high);
    if (isAbove(middle, diagonal, off, n)) high = middle;
    else low = middle;
  }
  topVector(high * (1 + 1e-14), diagonal, off, pivots, left, n);
  let square: f64 = 0;
  for (let i = 0; i < n; i++) {
    const entry = at(alpha, i) * at(left, i) + (i > 0 ? at(beta, i - 1) * at(left, i - 1) : 0);
    set(right, i, entry);
    square += entry * entry;
  }
  const value = sqrt(square);
  for (let i = 0; i < n; i++) set(right, i, at(right, i) / value);
  return value;
}

/**
 * Returns whether `mu` exceeds every eigenvalue of the tridiagonal matrix `T`. This holds if all pivots of `T - mu` are
 * negative.
 */
function isAbove(mu: f64, diagonal: usize, off: usize, n: i32): bool {
  let pivot: f64 = -1;
  for (let i = 0; i < n; i++) {
    const o = i > 0 ? at(off, i - 1) : 0;
    pivot = at(diagonal, i) - mu - o * o / pivot;
    if (!(pivot < 0)) return false;
  }
  return true;
}

/**
 * Computes the unit eigenvector of the largest eigenvalue, which is below the bound `mu`. `mu - T` is positive definite
 * and needs no pivoting.
 */
function topVector(mu: f64, diagonal: usize, off: usize, pivots: usize, x: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const o = i > 0 ? at(off, i - 1) : 0;
    const below = i > 0 ? o * o / at(pivots, i - 1) : 0;
    set(pivots, i, max(mu - at(diagonal, i) - below, f64.MIN_VALUE + 1e-17 * mu));
    set(x, i, 1);
  }
  for (let round = 0; round < 3; round++) {
    for (let i = 1; i < n; i++) set(x, i, at(x, i) + at(off, i - 1) / at(pivots, i - 1) * at(x, i - 1));
    let largest: f64 = 0;
    for (let i = n - 1; i >= 0; i--) {
      const entry = (at(x, i) + (i < n - 1 ? at(off, i) * at(x, i + 1) : 0)) / at(pivots, i);
      set(x, i, entry);
      largest = max(largest, abs(entry));
    }
    // Divide by the largest entry first, because the squares may overflow.
    let square: f64 = 0;
    for (let i = 0; i < n; i++) square += (at(x, i) / largest) * (at(x, i) / largest);
    const norm = largest * sqrt(square);
    for (let i = 0; i < n; i++) set(x, i, at(x, i) / norm);
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function at(list: usize, i: i32): f64 {
  return load<f64>(list + (<usize>i << 3));
}

// @ts-ignore: decorators of AssemblyScript
@inline
function set(list: usize, i: i32, value: f64): void {
  store<f64>(list + (<usize>i << 3), value);
}
