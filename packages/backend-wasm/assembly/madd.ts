/** Returns `a b + c`, with one rounding in the build `relaxed`, and with two roundings in the build `simd`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
