import { subtractMultiple, inner, project, product, productTransposed } from './dense64';
import { leadingTriplet } from './bidiagonal';

/** Result if the buffers for `room` steps were too small. The caller then calls again with larger buffers. */
const UNFINISHED: i32 = -1;
const SMALLEST: f64 = 1e-30;
const EXHAUSTED: f64 = 1e-14;

/** Number of steps between checks of convergence. While the basis is short, a step costs less than a check. */
const CHECK_EVERY: i32 = 2;

/**
 * Computes the singular vectors `u [rows]`, `v [columns]` of the largest singular value of a float32
 * `weight [rows, columns]`, by Golub-Kahan-Lanczos bidiagonalization with full reorthogonalization, in float64. The
 * search begins with `start [columns]` (float32), normalized, plus a unit direction from a hash of `start`; see
 * `warmStart` of package lipschitz. The search stops when `|W^T u - s v| <= tolerance s`, or after `steps` steps.
 * Returns the number of steps. Returns 0, and writes nothing, if the weight is zero or not finite. Returns -1 if the
 * search needs more than `room` steps.
 *
 * `scratch` has `room (R + C) + C + 7 (room + 1)` float64, where `R` and `C` are `rows` and `columns` rounded up to
 * even.
 */
export function largestSingular(
  weight: usize, start: usize, u: usize, v: usize, scratch: usize, rows: i32, columns: i32, steps: i32, room: i32, tolerance: f64,
): i32 {
  const rowBytes = <usize>((rows + 1) & ~1) << 3, columnBytes = <usize>((columns + 1) & ~1) << 3;
  const left = scratch;
  const right = left + <usize>room * rowBytes;
  const alpha = right + <usize>(room + 1) * columnBytes;
  // `B` is upper bidiagonal, with `alpha` on the diagonal and `beta` above the diagonal, and `W V = U B`.
  const list = <usize>(room + 1) << 3;
  const beta = alpha + list;
  const p = beta + list, q = p + list, work = q + list;
  memory.fill(scratch, 0, alpha - scratch);

  begin(start, right, columns, columnBytes);
  for (let k = 0; k < min(steps, room); k++) {
    const image = left + <usize>k * rowBytes, source = right + <usize>k * columnBytes;
    product(weight, source, image, rows, columns);
    const a = orthonormalize(image, left, k, rowBytes);
    store<f64>(alpha + (<usize>k << 3), a);
    if (k === 0) {
      if (!(a > SMALLEST && a < Infinity)) return 0;
    } else if (!(a > EXHAUSTED * load<f64>(alpha))) {
      // The Krylov space is exhausted: B gets no further row, but keeps its last column.
      store<f64>(alpha + (<usize>k << 3), 0);
      memory.fill(image, 0, rowBytes);
      leadingTriplet(alpha, beta, p, q, work, k + 1);
      finish(p, q, left, right, k + 1, u, v, rows, columns, rowBytes, columnBytes);
      return k + 1;
    }
    const back = source + columnBytes;
    productTransposed(weight, image, back, rows, columns);
    const b = orthonormalize(back, right, k + 1, columnBytes);
    store<f64>(beta + (<usize>k << 3), b);
    const last = k === steps - 1 || !(b > EXHAUSTED * load<f64>(alpha));
    if (last || k % CHECK_EVERY === CHECK_EVERY - 1) {
      const value = leadingTriplet(alpha, beta, p, q, work, k + 1);
      if (last || b * abs(load<f64>(p + (<usize>k << 3))) <= tolerance * value) {
        finish(p, q, left, right, k + 1, u, v, rows, columns, rowBytes, columnBytes);
        return k + 1;
      }
    }
  }
  return UNFINISHED;
}

/**
 * Writes the normalized `start` plus a unit direction. The sign of the direction is chosen so that the two do not
 * cancel. Non-finite numbers of `start` count as 0.
 */
function begin(start: usize, into: usize, columns: i32, bytes: usize): void {
  let squares: f64 = 0, startSquares: f64 = 0, along: f64 = 0;
  const seed = hashOf(start, columns);
  for (let i = 0; i < columns; i++) {
    const x = finite(start, i), r = direction(i, seed);
    squares += r * r;
    startSquares += x * x;
    along += x * r;
  }
  const weight = (along < 0 ? -1.0 : 1.0) / sqrt(squares);
  const unit = startSquares > 0 && startSquares < Infinity ? 1 / sqrt(startSquares) : 0;
  for (let i = 0; i < columns; i++) store<f64>(into + (<usize>i << 3), unit * finite(start, i) + weight * direction(i, seed));
  scale(into, bytes, 1 / sqrt(inner(into, into, bytes)));
}

// @ts-ignore: decorators of AssemblyScript
@inline
function finite(x: usize, i: i32): f64 {
  const value = load<f32>(x + (<usize>i << 2));
  return abs(value) < Infinity ? <f64>value : 0;
}

/** Returns a hash of the bits of `size` numbers. */
function hashOf(x: usize, size: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i = 0; i < size; i++) hash = (hash ^ load<u32>(x + (<usize>i << 2))) * 0x01000193;
  return hash;
}

/** Pseudorandom number in `[-1, 1]`: an integer hash of the index and the seed. */
function direction(i: i32, seed: u32): f64 {
  let h = <u32>i * 0x9e3779b1 + seed;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  h ^= h >>> 16;
  return <f64><i32>h / 2147483648.0;
}

/**
 * Makes `x` orthogonal to the first `count` vectors of `basis`, in two passes, and normalizes `x`. Returns the norm of
 * `x` before the normalization.
 */
function orthonormalize(x: usize, basis: usize, count: i32, bytes: usize): f64 {
  for (let pass = 0; pass < 2; pass++) {
    for (let k = 0; k < count; k++) {
      const other = basis + <usize>k * bytes;
      subtractMultiple(x, inner(x, other, bytes), other, bytes);
    }
  }
  const norm = sqrt(inner(x, x, bytes));
  if (norm > 0) scale(x, bytes, 1 / norm);
  return norm;
}

function scale(x: usize, bytes: usize, by: f64): void {
  const factor = f64x2.splat(by);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(x + at, f64x2.mul(v128.load(x + at), factor));
}

/** Writes the Ritz vectors `left p`, `right q` as float32. */
function finish(p: usize, q: usize, left: usize, right: usize, count: i32, u: usize, v: usize, rows: i32, columns: i32, rowBytes: usize, columnBytes: usize): void {
  project(p, left, count, u, rows, rowBytes);
  project(q, right, count, v, columns, columnBytes);
}
