import { madd } from './madd';

// Operations on matrices that are needed between the matrix products for the weights of a sandwich net.

/** Computes `I + Y - Y^T`, `[n, n]`. */
export function onePlusSkew(y: usize, out: usize, n: i32): void {
  const row = <usize>n << 2;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const there = y + <usize>i * row + (<usize>j << 2), across = y + <usize>j * row + (<usize>i << 2);
      store<f32>(out + <usize>i * row + (<usize>j << 2), load<f32>(there) - load<f32>(across) + (i === j ? <f32>1 : <f32>0));
    }
  }
}

/** Computes `by (X + X^T)` and `by (X - X^T)`, `[n, n]`. */
export function symmetricAndSkew(x: usize, symmetric: usize, skew: usize, by: f32, n: i32): void {
  const row = <usize>n << 2;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = <usize>i * row + (<usize>j << 2);
      const there = by * load<f32>(x + at), across = by * load<f32>(x + <usize>j * row + (<usize>i << 2));
      store<f32>(symmetric + at, there + across);
      store<f32>(skew + at, there - across);
    }
  }
}

/** Computes `by X + shift I`, `[n, n]`. */
export function scaledAndShifted(x: usize, out: usize, by: f32, shift: f32, n: i32): void {
  const count = <usize>(n * n) << 2;
  for (let at: usize = 0; at < count; at += 4) store<f32>(out + at, by * load<f32>(x + at));
  for (let at: usize = 0; at < count; at += (<usize>n + 1) << 2) store<f32>(out + at, load<f32>(out + at) + shift);
}

/** Multiplies rows and columns of a matrix by factors: `x_ij rows_i columns_j`, `[n, m]`. */
export function scaledOuter(x: usize, rows: usize, columns: usize, out: usize, n: i32, m: i32): void {
  for (let i = 0; i < n; i++, rows += 4) {
    const r = load<f32>(rows);
    for (let at: usize = 0; at < <usize>m << 2; at += 4, x += 4, out += 4) store<f32>(out, r * load<f32>(columns + at) * load<f32>(x));
  }
}

/**
 * Sums the elementwise product of `x` and `y`, `[n, m]`: adds its sums over rows to `over [m]`, and subtracts its sums
 * over columns from `from [n]`. Skips an output whose address is 0.
 */
export function momentSums(x: usize, y: usize, over: usize, from: usize, n: i32, m: i32): void {
  for (let i = 0; i < n; i++) {
    let sum: f64 = 0;
    for (let at: usize = 0; at < <usize>m << 2; at += 4, x += 4, y += 4) {
      const product = load<f32>(x) * load<f32>(y);
      sum += <f64>product;
      if (over !== 0) store<f32>(over + at, load<f32>(over + at) + product);
    }
    if (from !== 0) store<f32>(from + (<usize>i << 2), load<f32>(from + (<usize>i << 2)) - <f32>sum);
  }
}

/**
 * Replaces `A [n, n]` by its inverse, by Gauss-Jordan elimination without pivoting, for matrices whose symmetric part
 * is positive definite.
 */
export function invertInPlace(a: usize, n: i32): void {
  const row = <usize>n << 2, end = a + <usize>n * row;
  let top = a;
  for (let j: usize = 0; j < row; j += 4, top += row) {
    const reciprocal: f32 = 1 / load<f32>(top + j);
    // Column j becomes a unit column. Store column j of the inverse in its place.
    store<f32>(top + j, 1);
    multiply(top, reciprocal, row);
    for (let line = a; line < end; line += row) {
      if (line === top) continue;
      const factor = -load<f32>(line + j);
      store<f32>(line + j, 0);
      addMultiple(line, factor, top, row);
    }
  }
}

/** Computes `x *= by` for `bytes` bytes of float32. */
// @ts-ignore: decorators of AssemblyScript
@inline
function multiply(x: usize, by: f32, bytes: usize): void {
  const factor = f32x4.splat(by);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(x + at, f32x4.mul(factor, v128.load(x + at)));
  for (; at < bytes; at += 4) store<f32>(x + at, by * load<f32>(x + at));
}

/** Computes `x += by y` for `bytes` bytes of float32. */
// @ts-ignore: decorators of AssemblyScript
@inline
function addMultiple(x: usize, by: f32, y: usize, bytes: usize): void {
  const factor = f32x4.splat(by);
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    v128.store(x + at, madd(factor, v128.load(y + at), v128.load(x + at)));
    v128.store(x + at, madd(factor, v128.load(y + at, 16), v128.load(x + at, 16)), 16);
  }
  for (; at < bytes; at += 4) store<f32>(x + at, load<f32>(x + at) + by * load<f32>(y + at));
}
