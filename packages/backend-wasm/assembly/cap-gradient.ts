import { madd } from './madd';

/**
 * Computes the gradient through the cap of a weight of `size` floats. With `f = coeff / max(sigma, coeff)`, it is
 * `out = f direct` if `sigma <= coeff`, else `out = f direct - (f <direct, weight> / sigma) slope`. The argument
 * `sigma` is the address of the norm.
 */
export function capGradient(direct: usize, weight: usize, slope: usize, sigma: usize, out: usize, coeff: f32, size: i32): void {
  const norm = load<f32>(sigma);
  // A NaN norm must make the result NaN. f32.max returns NaN then.
  const factor = coeff / max(norm, coeff);
  const bytes = <usize>size << 2;
  const f = f32x4.splat(factor);
  let at: usize = 0;
  if (!(norm > coeff)) {
    for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.mul(f, v128.load(direct + at)));
    for (; at < bytes; at += 4) store<f32>(out + at, factor * load<f32>(direct + at));
    return;
  }
  const correction = -factor * <f32>(inner(direct, weight, bytes) / norm);
  const c = f32x4.splat(correction);
  for (; at + 16 <= bytes; at += 16) v128.store(out + at, madd(c, v128.load(slope + at), f32x4.mul(f, v128.load(direct + at))));
  for (; at < bytes; at += 4) store<f32>(out + at, factor * load<f32>(direct + at) + correction * load<f32>(slope + at));
}

/**
 * Returns the inner product `<a, b>`. Blocks of 1 kB are summed in float32, and the sums of blocks are added in
 * float64.
 */
function inner(a: usize, b: usize, bytes: usize): f64 {
  let total: f64 = 0;
  let at: usize = 0;
  while (at + 64 <= bytes) {
    const end = min(bytes - 63, at + 1024);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (; at < end; at += 64) {
      s0 = madd(v128.load(a + at), v128.load(b + at), s0);
      s1 = madd(v128.load(a + at, 16), v128.load(b + at, 16), s1);
      s2 = madd(v128.load(a + at, 32), v128.load(b + at, 32), s2);
      s3 = madd(v128.load(a + at, 48), v128.load(b + at, 48), s3);
    }
    const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    total += <f64>f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3);
  }
  for (; at < bytes; at += 4) total += <f64>load<f32>(a + at) * load<f32>(b + at);
  return total;
}
