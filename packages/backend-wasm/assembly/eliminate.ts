import { log64 } from './log64';
import { madd } from './madd';

/**
 * Solves `batch` systems by Gaussian elimination without pivoting: `a [batch, d, d]`, `rhs [batch, d, k]`, four samples
 * at a time, one per lane. The result of a sample does not depend on other samples. `log det` is NaN if a pivot is not
 * positive. `scratch` has `d (d + k)` vectors.
 */
export function eliminate(a: usize, rhs: usize, solution: usize, logDet: usize, scratch: usize, batch: i32, d: i32, k: i32): void {
  const square = d * d, width = d * k;
  const right = scratch + (<usize>square << 4);
  const row = <usize>d << 4, rowRight = <usize>k << 4;
  for (let first = 0; first < batch; first += 4) {
    // Lanes after the last sample repeat the last sample, and write the same result.
    const s1 = min(first + 1, batch - 1), s2 = min(first + 2, batch - 1), s3 = min(first + 3, batch - 1);
    gather(a, scratch, square, first, s1, s2, s3);
    gather(rhs, right, width, first, s1, s2, s3);

    let low = f64x2.splat(1), high = low, logLow = f64x2.splat(0), logHigh = logLow;
    let bad = i32x4.splat(0);
    for (let j = 0; j < d; j++) {
      const top = scratch + <usize>j * row, topRight = right + <usize>j * rowRight;
      const diagonal = top + (<usize>j << 4);
      const pivot = v128.load(diagonal);
      const inverse = f32x4.div(f32x4.splat(1), pivot);
      v128.store(diagonal, inverse);
      bad = v128.or(bad, v128.not(f32x4.gt(pivot, f32x4.splat(0))));
      low = f64x2.mul(low, f64x2.promote_low_f32x4(pivot));
      high = f64x2.mul(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(pivot, pivot, 2, 3, 2, 3)));
      // A product of six float32 numbers does not overflow float64.
      if (j % 6 === 5) {
        logLow = f64x2.add(logLow, log64(low));
        logHigh = f64x2.add(logHigh, log64(high));
        low = f64x2.splat(1);
        high = low;
      }
      for (let i = j + 1; i < d; i++) {
        const below = scratch + <usize>i * row;
        const factor = f32x4.neg(f32x4.mul(v128.load(below + (<usize>j << 4)), inverse));
        addMultiple(below + (<usize>(j + 1) << 4), factor, top + (<usize>(j + 1) << 4), d - j - 1);
        addMultiple(right + <usize>i * rowRight, factor, topRight, k);
      }
    }
    for (let i = d - 1; i >= 0; i--) {
      const line = scratch + <usize>i * row, lineRight = right + <usize>i * rowRight;
      for (let j = i + 1; j < d; j++) addMultiple(lineRight, f32x4.neg(v128.load(line + (<usize>j << 4))), right + <usize>j * rowRight, k);
      const inverse = v128.load(line + (<usize>i << 4));
      for (let j = 0; j < k; j++) v128.store(lineRight + (<usize>j << 4), f32x4.mul(v128.load(lineRight + (<usize>j << 4)), inverse));
    }
    scatter(right, solution, width, first, s1, s2, s3);

    logLow = f64x2.add(logLow, log64(low));
    logHigh = f64x2.add(logHigh, log64(high));
    const logs = v128.shuffle<f32>(f32x4.demote_f64x2_zero(logLow), f32x4.demote_f64x2_zero(logHigh), 0, 1, 4, 5);
    scatter1(v128.bitselect(f32x4.splat(NaN), logs, bad), logDet, 1, first, s1, s2, s3);
  }
}

/** Computes `to += factor from` over `count` vectors. */
// @ts-ignore: decorators of AssemblyScript
@inline
function addMultiple(to: usize, factor: v128, from: usize, count: i32): void {
  const end = to + (<usize>count << 4);
  for (; to < end; to += 16, from += 16) v128.store(to, madd(factor, v128.load(from), v128.load(to)));
}

/** Loads four samples of `size` floats into the lanes of `size` vectors. */
function gather(from: usize, to: usize, size: i32, s0: i32, s1: i32, s2: i32, s3: i32): void {
  let p0 = from + (<usize>(s0 * size) << 2), p1 = from + (<usize>(s1 * size) << 2), p2 = from + (<usize>(s2 * size) << 2), p3 = from + (<usize>(s3 * size) << 2);
  const end = to + (<usize>size << 4);
  for (; to < end; to += 16, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
    let x = v128.load32_zero(p0);
    x = v128.load32_lane(p1, x, 1);
    x = v128.load32_lane(p2, x, 2);
    v128.store(to, v128.load32_lane(p3, x, 3));
  }
}

function scatter(from: usize, to: usize, size: i32, s0: i32, s1: i32, s2: i32, s3: i32): void {
  for (let i = 0; i < size; i++) scatter1(v128.load(from + (<usize>i << 4)), to + (<usize>i << 2), size, s0, s1, s2, s3);
}

// @ts-ignore: decorators of AssemblyScript
@inline
function scatter1(x: v128, to: usize, size: i32, s0: i32, s1: i32, s2: i32, s3: i32): void {
  v128.store32_lane(to + (<usize>(s0 * size) << 2), x, 0);
  v128.store32_lane(to + (<usize>(s1 * size) << 2), x, 1);
  v128.store32_lane(to + (<usize>(s2 * size) << 2), x, 2);
  v128.store32_lane(to + (<usize>(s3 * size) << 2), x, 3);
}
