import { item, setItem } from './lanes';
import { log64 } from './log64';
import { madd } from './madd';

/**
 * Inverts four matrices in place, by Gauss-Jordan elimination without pivoting, and writes the `d` pivots of each. `a`
 * is four `d x d` matrices in the lanes of `d d` vectors.
 */
export function invert(a: usize, pivots: usize, d: i32): void {
  const row = <usize>d << 4, end = a + <usize>d * row;
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  let top = a;
  for (let j = 0; j < d; j++, top += row) {
    const pivot = item(top, j);
    setItem(pivots, j, pivot);
    const reciprocal = f32x4.div(one, pivot);
    // Column j becomes a unit column. Store column j of the inverse in its place.
    setItem(top, j, one);
    for (let k = 0; k < d; k++) setItem(top, k, f32x4.mul(item(top, k), reciprocal));
    for (let line = a; line < end; line += row) {
      if (line === top) continue;
      const factor = f32x4.neg(item(line, j));
      setItem(line, j, zero);
      for (let k = 0; k < d; k++) setItem(line, k, madd(factor, item(top, k), item(line, k)));
    }
  }
}

/** Returns the logarithm of the product of `d` pivots, or NaN if a pivot is not positive. */
export function logOfProduct(pivots: usize, d: i32): v128 {
  let low = f64x2.splat(1), high = low, logLow = f64x2.splat(0), logHigh = logLow;
  let good = i32x4.splat(-1);
  for (let j = 0; j < d; j++) {
    const pivot = item(pivots, j);
    good = v128.and(good, f32x4.gt(pivot, f32x4.splat(0)));
    low = f64x2.mul(low, f64x2.promote_low_f32x4(pivot));
    high = f64x2.mul(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(pivot, pivot, 2, 3, 2, 3)));
    // A product of six float32 numbers does not overflow float64.
    if (j % 6 === 5) {
      logLow = f64x2.add(logLow, log64(low));
      logHigh = f64x2.add(logHigh, log64(high));
      low = f64x2.splat(1);
      high = low;
    }
  }
  logLow = f64x2.add(logLow, log64(low));
  logHigh = f64x2.add(logHigh, log64(high));
  const logs = v128.shuffle<f32>(f32x4.demote_f64x2_zero(logLow), f32x4.demote_f64x2_zero(logHigh), 0, 1, 4, 5);
  return v128.bitselect(logs, f32x4.splat(NaN), good);
}
