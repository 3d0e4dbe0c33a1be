import { madd } from './madd';
import { plane } from './transpose';

// Functions for small linear systems of four samples at a time, one sample per lane. The result of a sample does not
// depend on other samples. Lanes after the last sample have undefined content and are not written back.

/** Loads `size` numbers of each of `count` samples into `size` vectors. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function gather(from: usize, size: i32, to: usize, count: i32): void {
  plane(from, <usize>size << 2, to, 16, count, size);
}

/** Stores `size` vectors as `size` numbers of each of `count` samples. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function scatter(from: usize, size: i32, to: usize, count: i32): void {
  plane(from, 16, to, <usize>size << 2, size, count);
}

/** Stores one number of each of `count` samples. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function scatterOne(x: v128, to: usize, count: i32): void {
  if (count === 4) {
    v128.store(to, x);
    return;
  }
  v128.store32_lane(to, x, 0);
  if (count > 1) v128.store32_lane(to, x, 1, 4);
  if (count > 2) v128.store32_lane(to, x, 2, 8);
}

/** Loads vector `i` of the vectors that begin at `at`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function item(at: usize, i: i32): v128 {
  return v128.load(at + (<usize>i << 4));
}

// @ts-ignore: decorators of AssemblyScript
@inline
export function setItem(at: usize, i: i32, x: v128): void {
  v128.store(at + (<usize>i << 4), x);
}

/**
 * Returns the inner product `<x, y>`. The items of `x` are `apart` bytes apart, so that `x` can be a row or a column of
 * a matrix.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function dot(x: usize, apart: usize, y: usize, d: i32): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < d; i++, x += apart, y += 16) sum = madd(v128.load(x), v128.load(y), sum);
  return sum;
}

// @ts-ignore: decorators of AssemblyScript
@inline
export function norm(x: usize, d: i32): v128 {
  return f32x4.sqrt(dot(x, 16, x, d));
}
