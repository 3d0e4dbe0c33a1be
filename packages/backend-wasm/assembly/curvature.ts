/**
 * Computes the second derivative `s''(a)` of an activation from its value `v` and slope `s`. `op` selects the
 * activation. For 1, tanh, the result is `-2 v s`. For 2, softplus, it is `s - s^2`. For 3, elu and celu, it is
 * `rate s` if `a <= 0` (then `v <= 0`), else 0. For 4, snake, the result is only the factor `2 v - a`, and the argument
 * `a` is passed instead of the slope.
 */
export function curvature(op: i32, value: usize, slope: usize, out: usize, n: i32, rate: f32): void {
  const bytes = <usize>n << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(out + at, bend(op, v128.load(value + at), v128.load(slope + at), rate));
  for (; at < bytes; at += 4) store<f32>(out + at, f32x4.extract_lane(bend(op, v128.load32_zero(value + at), v128.load32_zero(slope + at), rate), 0));
}

// @ts-ignore: decorators of AssemblyScript
@inline
function bend(op: i32, v: v128, s: v128, rate: f32): v128 {
  if (op === 1) return f32x4.mul(f32x4.splat(-2), f32x4.mul(v, s));
  if (op === 2) return f32x4.sub(s, f32x4.mul(s, s));
  if (op === 4) return f32x4.sub(f32x4.add(v, v), s);
  // Uses `andnot` with `gt` instead of `and` with `le`, so that the result for NaN is NaN, not 0.
  return v128.andnot(f32x4.mul(f32x4.splat(rate), s), f32x4.gt(v, f32x4.splat(0)));
}
