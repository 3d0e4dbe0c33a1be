import { madd } from '../madd';

const LN2_HIGH: f32 = 0.693359375, LN2_LOW: f32 = -2.1219444170128554e-4;
/** The bits of the square root of 1/2, the smallest value of `1 + f` in {@link logarithm}. */
const ROOT_HALF: i32 = 0x3f3504f3;
const LEAST_NORMAL: f32 = 1.1754943508222875e-38;

/**
 * Returns an integer, computed from the bits of `x`. It exceeds the bound in {@link abnormal} unless `x` is a positive
 * normal number.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function abnormality(x: v128): v128 { return i32x4.add(x, i32x4.splat(0x7f800000)); }

/** Returns a mask of the lanes for which `logarithm` is wrong. These lanes need `logarithmOfAny`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function abnormal(abnormality: v128): v128 { return i32x4.gt_s(abnormality, i32x4.splat(-0x01000001)); }

/** `log x` of positive normal numbers. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function logarithm(x: v128): v128 { return logarithmScaled(x, i32x4.splat(0)); }

/**
 * `log(x 2^-shift)`. With `x = 2^e (1 + f)`, `1 + f` in `[sqrt 1/2, sqrt 2)`, and `s = f / (2 + f)`:
 * `log(1 + f) = 2 s + s R = f - s (f - R)` with `R = u (...)`, `u = s^2`. Minimax fit (Lawson) of `log(1 + f) / s - 2` over `u`,
 * relative error 9e-10 with the coefficients in float32.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function logarithmScaled(x: v128, shift: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(ROOT_HALF)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const e = f32x4.convert_i32x4_s(i32x4.sub(exponent, shift));
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const u = f32x4.mul(s, s);
  let p = madd(u, f32x4.splat(0.298715204000473), f32x4.splat(0.39977553486824036));
  p = madd(p, u, f32x4.splat(0.6666677594184875));
  const tail = madd(s, f32x4.sub(f, f32x4.mul(p, u)), f32x4.mul(e, f32x4.splat(-LN2_LOW)));
  return madd(e, f32x4.splat(LN2_HIGH), f32x4.sub(f, tail));
}

/** `log x` for every `x`. Denormals are scaled by 2^23. `-Infinity` at 0, NaN below. */
export function logarithmOfAny(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(LEAST_NORMAL));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  let y = logarithmScaled(scaled, v128.and(tiny, i32x4.splat(23)));
  y = v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
}

/**
 * `log(1 + z)` for `z` in `[0, 1]`, as `2 atanh(s)` with `s = z / (2 + z)`. Minimax fit (Lawson) as above, on `[0, 1/9]`: relative error 5e-9.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function logarithmOnePlus(z: v128): v128 {
  const s = f32x4.div(z, f32x4.add(z, f32x4.splat(2)));
  const u = f32x4.mul(s, s);
  let p = madd(u, f32x4.splat(0.2801198661327362), f32x4.splat(0.28001806139945984));
  p = madd(p, u, f32x4.splat(0.4002152681350708));
  p = madd(p, u, f32x4.splat(0.666664183139801));
  return f32x4.mul(s, madd(p, u, f32x4.splat(2)));
}

/**
 * `log(1 + x)` for every `x`: the logarithm of the rounded sum `u = 1 + x`, plus the rounding error of the sum times
 * the slope `1 / u`. The rounding error is computed exactly, so the result is correct also for tiny `x`.
 */
export function logarithmOnePlusAny(x: v128): v128 {
  const u = f32x4.add(x, f32x4.splat(1));
  const lost = f32x4.sub(x, f32x4.sub(u, f32x4.splat(1)));
  // For all other `x` the logarithm is infinite or NaN.
  const finite = v128.and(f32x4.gt(u, f32x4.splat(0)), f32x4.lt(u, f32x4.splat(Infinity)));
  const y = f32x4.add(logarithmOfAny(u), v128.and(f32x4.div(lost, u), finite));
  // The sum `1 + x` loses the sign of a zero.
  return v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(0)));
}
