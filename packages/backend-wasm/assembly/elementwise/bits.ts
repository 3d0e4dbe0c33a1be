/** Returns a mask with the sign bit of each lane. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function signs(): v128 { return i32x4.splat(0x80000000); }

/** Returns `|magnitude|` with the sign of `sign`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function copySign(magnitude: v128, sign: v128): v128 { return v128.bitselect(sign, magnitude, signs()); }

/** `-|x|`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function negativeAbs(x: v128): v128 { return v128.or(x, signs()); }

/** Returns the sign of a number, 1 or -1. Returns 0 for zeros and NaN, as on the cpu backend of tfjs. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function signOf(x: v128): v128 {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  return f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
}
