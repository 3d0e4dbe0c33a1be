/** The sign bit of each lane. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function signs(): v128 { return i32x4.splat(0x80000000); }

/** `|magnitude|` with the sign of `sign`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function copySign(magnitude: v128, sign: v128): v128 { return v128.bitselect(sign, magnitude, signs()); }

/** `-|x|`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function negativeAbs(x: v128): v128 { return v128.or(x, signs()); }
