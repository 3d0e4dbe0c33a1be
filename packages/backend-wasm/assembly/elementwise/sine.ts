import { madd } from '../madd';

/**
 * Largest `|x|` for which the products of the multiple of pi/2 with the first two parts of pi (10 bits each) are exact
 * in both builds.
 */
const REDUCIBLE: f32 = 25700;

// Adding and then subtracting 1.5 2^23 rounds a number to the nearest integer. The low bits of the sum are the low bits
// of this integer.
const ROUNDER: f32 = 12582912;
const INVERSE_PI: f32 = 0.31830987334251404;
const PI_HIGH: f32 = 3.140625, PI_MIDDLE: f32 = 0.0009670257568359375, PI_LOW: f32 = 6.278329465203569e-07;

/**
 * Returns a mask of the lanes that are too large for `sine` and `cosine`, given `|x|`. Lanes with NaN are included. The
 * lanes of the mask need `sineOfAny` and `cosineOfAny`.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function beyondReduction(magnitude: v128): v128 { return i32x4.gt_s(magnitude, f32x4.splat(REDUCIBLE)); }

// @ts-ignore: decorators of AssemblyScript
@inline
export function sine(x: v128): v128 { return sineNearZero(reduceSine(x)); }

// @ts-ignore: decorators of AssemblyScript
@inline
export function cosine(x: v128): v128 { return sineNearZero(reduceCosine(x)); }

export function sineOfAny(x: v128): v128 { return sineNearZero(reduceAny(x, reduceSine(x), 0)); }

export function cosineOfAny(x: v128): v128 { return sineNearZero(reduceAny(x, reduceCosine(x), 1)); }

/**
 * `sin r` for `|r| <= pi/2`: `r (1 + u (...))` with `u = r^2`. Minimax fit (Lawson) of `sin r / r - 1` over `u`,
 * relative error 9e-9 with the coefficients in float32.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function sineNearZero(r: v128): v128 {
  const u = f32x4.mul(r, r);
  let p = madd(u, f32x4.splat(2.605765757834888e-6), f32x4.splat(-1.980959641514346e-4));
  p = madd(p, u, f32x4.splat(8.33306647837162e-3));
  p = madd(p, u, f32x4.splat(-0.16666659712791443));
  // Clamp to [-1, 1], because rounding may give more than 1, and cos 0 must be 1.
  const one = f32x4.splat(1);
  return f32x4.pmax(f32x4.pmin(f32x4.mul(r, madd(p, u, one)), one), f32x4.splat(-1));
}

/** `r` in `[-pi/2, pi/2]` with `sin x = sin r`: `x - n pi`, with the opposite sign where `n` is odd. */
// @ts-ignore: decorators of AssemblyScript
@inline
function reduceSine(x: v128): v128 {
  const t = madd(x, f32x4.splat(INVERSE_PI), f32x4.splat(ROUNDER));
  return v128.xor(subtractPi(x, f32x4.sub(t, f32x4.splat(ROUNDER))), i32x4.shl(t, 31));
}

/** `r` in `[-pi/2, pi/2]` with `cos x = sin r`: `x - (n - 1/2) pi`, with the opposite sign where `n` is odd. */
// @ts-ignore: decorators of AssemblyScript
@inline
function reduceCosine(x: v128): v128 {
  const t = f32x4.add(madd(x, f32x4.splat(INVERSE_PI), f32x4.splat(0.5)), f32x4.splat(ROUNDER));
  return v128.xor(subtractPi(x, f32x4.sub(f32x4.sub(t, f32x4.splat(ROUNDER)), f32x4.splat(0.5))), i32x4.shl(t, 31));
}

/**
 * `x - k pi` by Cody and Waite: pi is split into three parts, and the products with the first two are exact. The parts
 * are positive, so that the sign of 0 is kept.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function subtractPi(x: v128, k: v128): v128 {
  let r = madd(k, f32x4.splat(-PI_HIGH), x);
  r = madd(k, f32x4.splat(-PI_MIDDLE), r);
  return madd(k, f32x4.splat(-PI_LOW), r);
}

/** Returns `reduced`, but replaces each lane whose `x` is too large for Cody and Waite. */
function reduceAny(x: v128, reduced: v128, cosine: i32): v128 {
  let r = reduced;
  r = f32x4.replace_lane(r, 0, reduceHuge(f32x4.extract_lane(x, 0), f32x4.extract_lane(r, 0), cosine));
  r = f32x4.replace_lane(r, 1, reduceHuge(f32x4.extract_lane(x, 1), f32x4.extract_lane(r, 1), cosine));
  r = f32x4.replace_lane(r, 2, reduceHuge(f32x4.extract_lane(x, 2), f32x4.extract_lane(r, 2), cosine));
  return f32x4.replace_lane(r, 3, reduceHuge(f32x4.extract_lane(x, 3), f32x4.extract_lane(r, 3), cosine));
}

/**
 * Payne and Hanek's reduction. For `|x| = m 2^e`, only 96 bits of `1/pi` matter: higher bits give multiples of 2 in
 * `|x| / pi`, and lower bits are negligible. `turns` is `|x| / pi` modulo 2 with 63 bits after the binary point. Its
 * error is below 2^-70.
 */
function reduceHuge(x: f32, reduced: f32, cosine: i32): f32 {
  const magnitude = abs(x);
  if (!(magnitude > REDUCIBLE)) return reduced;
  if (magnitude == Infinity) return NaN;
  const bits = reinterpret<u32>(magnitude);
  const mantissa = u64((bits & 0x7fffff) | 0x800000);
  const start = (bits >> 23) - 150 + 16;
  const word = start >> 6, shift = u64(start & 63);
  const high = inversePi(word), middle = inversePi(word + 1), low = inversePi(word + 2);
  // Shift in two steps, because a shift by 64 would be a shift by 0.
  const window = (high << shift) | ((middle >> 1) >> (63 - shift));
  const further = (middle << shift) | ((low >> 1) >> (63 - shift));
  let turns = mantissa * window + ((mantissa * (further >> 32)) >> 32);
  if (cosine) turns += 1 << 62;
  const nearest = (turns + (1 << 62)) >> 63;
  const r = f32(f64(i64(turns - (nearest << 63))) * (Math.PI / 9223372036854775808.0));
  return (nearest != 0) != (!cosine && x < 0) ? -r : r;
}

/**
 * `1/pi` in words of 64 bits; the first bit of the first word has value 2^16. The words are constants in the code,
 * because the module has no static data.
 */
function inversePi(word: u32): u64 {
  switch (word) {
    case 0: return 0x000028be60db9391;
    case 1: return 0x054a7f09d5f47d4d;
    case 2: return 0x377036d8a5664f10;
    default: return 0xe4107f9458eaf7ae;
  }
}
