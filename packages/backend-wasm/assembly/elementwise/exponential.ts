import { madd } from '../madd';

// Adding 1.5 2^23 to a number rounds the number to the nearest integer n, and n is in the low bits of the sum. If 127
// is added to the sum, the low bits are the exponent bits of 2^n.
const ROUNDER: f32 = 12582912, POWER_ROUNDER: f32 = 12583039;
const LOG2_E: f32 = 1.4426950216293335;
const LN2_HIGH: f32 = 0.693359375, LN2_LOW: f32 = -2.1219444170128554e-4;

/** The bits of the float 87.3. For `|x|` up to 87.3, `2^n` and `e^x` are normal numbers. */
const NORMAL: i32 = 0x42ae999a;

/**
 * Returns a mask of the lanes for which `exponential` is wrong, given `|x|`. Lanes with NaN are included. The lanes of
 * the mask need `exponentialOfAny`.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function beyondNormal(magnitude: v128): v128 { return i32x4.gt_s(magnitude, i32x4.splat(NORMAL)); }

/** Returns `n + 1.5 2^23 + 127` for the integer `n` nearest to `x / log 2`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function shiftedExponent(x: v128): v128 { return madd(x, f32x4.splat(LOG2_E), f32x4.splat(POWER_ROUNDER)); }

/** `2^n` for `n` in -127 (which gives 0) to 127. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function power(shifted: v128): v128 { return i32x4.shl(shifted, 23); }

/** `x - n log 2`, in `[-log 2 / 2, log 2 / 2]`. log 2 is split into two parts, so that its first product is exact. */
// @ts-ignore: decorators of AssemblyScript
@inline
function remainder(x: v128, n: v128): v128 {
  return madd(n, f32x4.splat(-LN2_LOW), madd(n, f32x4.splat(-LN2_HIGH), x));
}

/**
 * `e^r - 1` for the remainder `r`, as `r (1 + r (...))`, whose relative error is small also near 0. Minimax fit
 * (Lawson) of `(e^r - 1) / r - 1`, relative error 2e-8 with the coefficients in float32.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function fraction(x: v128, shifted: v128): v128 {
  const r = remainder(x, f32x4.sub(shifted, f32x4.splat(POWER_ROUNDER)));
  let p = madd(r, f32x4.splat(1.3882509665563703e-3), f32x4.splat(8.366580121219158e-3));
  p = madd(p, r, f32x4.splat(4.166720062494278e-2));
  p = madd(p, r, f32x4.splat(0.1666654348373413));
  p = madd(p, r, f32x4.splat(0.4999999701976776));
  return f32x4.mul(r, madd(p, r, f32x4.splat(1)));
}

/**
 * `e^r` for the remainder `r`, in `[0.7, 1.42]`. Minimax fit (Lawson) of `e^r - 1` without a constant term. The error
 * relative to `e^r` is 9e-8 with the coefficients in float32.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function mantissa(r: v128): v128 {
  let p = madd(r, f32x4.splat(8.290229365229607e-3), f32x4.splat(4.189838841557503e-2));
  p = madd(p, r, f32x4.splat(0.16667640209197998));
  p = madd(p, r, f32x4.splat(0.49999144673347473));
  p = madd(p, r, f32x4.splat(0.9999997019767761));
  return madd(p, r, f32x4.splat(1));
}

/**
 * `e^x` for `|x| <= 87.3`. Multiplies by `2^n` by adding `n` to the exponent, because the processor can add integers
 * and multiply floats at the same time.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function exponential(x: v128): v128 {
  const t = madd(x, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  return i32x4.add(mantissa(remainder(x, f32x4.sub(t, f32x4.splat(ROUNDER)))), i32x4.shl(t, 23));
}

/** `e^x - 1` for `|x| <= 87.3`, and NaN; `-0` gives 0. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function exponentialMinusOne(x: v128): v128 {
  const shifted = shiftedExponent(x), scale = power(shifted);
  return madd(scale, fraction(x, shifted), f32x4.sub(scale, f32x4.splat(1)));
}

/**
 * Smaller inputs of `decay` are replaced by this number, for which `n` is -127 and `2^n` is 0. So `decay` returns 0 for
 * them.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function vanishing(): v128 { return f32x4.splat(-88); }

/** `e^x` for `x <= 0`; 0 below -88. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function decay(x: v128): v128 {
  const clamped = f32x4.pmax(x, vanishing());
  const shifted = shiftedExponent(clamped);
  return f32x4.mul(mantissa(remainder(clamped, f32x4.sub(shifted, f32x4.splat(POWER_ROUNDER)))), power(shifted));
}

/** `e^x - 1` for `x <= 0`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function decayMinusOne(x: v128): v128 { return exponentialMinusOne(f32x4.pmax(x, vanishing())); }

/**
 * `e^x` for every `x`. `2^n` is split into two factors, so that overflow gives Infinity and underflow rounds once to a
 * denormal.
 */
export function exponentialOfAny(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-110)), f32x4.splat(100));
  const t = madd(clamped, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const n = i32x4.sub(t, f32x4.splat(ROUNDER));
  const half = i32x4.shr_s(n, 1);
  const p = mantissa(remainder(clamped, f32x4.sub(t, f32x4.splat(ROUNDER))));
  const scaled = f32x4.mul(f32x4.mul(p, powerOf(half)), powerOf(i32x4.sub(n, half)));
  return v128.bitselect(scaled, exponential(x), beyondNormal(f32x4.abs(x)));
}

/** `2^n` of an integer. */
// @ts-ignore: decorators of AssemblyScript
@inline
function powerOf(n: v128): v128 { return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23); }

/** `e^x - 1` for every `x`. */
export function exponentialMinusOneOfAny(x: v128): v128 {
  return v128.bitselect(f32x4.sub(exponentialOfAny(x), f32x4.splat(1)), exponentialMinusOne(x), beyondNormal(f32x4.abs(x)));
}
