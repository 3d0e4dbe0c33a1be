/**
 * `s''(a)` of an activation from its value `v` and slope `s`, by `op`. 1, tanh: `-2 v s`. 2, softplus: `s - s^2`. 3,
 * elu and celu: `rate s` where `a <= 0` (the value is then not positive), else 0. 4, snake: the factor `2 v - a`, with
 * `a` passed as the slope.
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
  // Not `le`: for a NaN value the slope is NaN and must be kept.
  return v128.andnot(f32x4.mul(f32x4.splat(rate), s), f32x4.gt(v, f32x4.splat(0)));
}
