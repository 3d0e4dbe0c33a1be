/** Returns the sum of the squares of `size` floats, computed in float64. */
export function squaredNorm(x: usize, size: i32): f64 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (; size >= 8; size -= 8, x += 32) {
    const p = f64x2.promote_low_f32x4(v128.load64_zero(x)), q = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    const r = f64x2.promote_low_f32x4(v128.load64_zero(x, 16)), s = f64x2.promote_low_f32x4(v128.load64_zero(x, 24));
    a = f64x2.add(a, f64x2.mul(p, p));
    b = f64x2.add(b, f64x2.mul(q, q));
    c = f64x2.add(c, f64x2.mul(r, r));
    d = f64x2.add(d, f64x2.mul(s, s));
  }
  a = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (; size > 0; size--, x += 4) {
    const y = <f64>load<f32>(x);
    sum += y * y;
  }
  return sum;
}
