import { madd } from './madd';

/**
 * Makes one step of Adam over `size` floats: `m' = m + gain1 (g - m)`, `v' = v + gain2 (g^2 - v)` and
 * `keep theta - rate m' / (sqrt(v') + epsilon)`. This formula for the averages rounds once less than the usual formula.
 */
export function adam(
  theta: usize, gradient: usize, m: usize, v: usize, newTheta: usize, newM: usize, newV: usize,
  gain1: f32, gain2: f32, rate: f32, epsilon: f32, keep: f32, size: i32,
): void {
  const bytes = <usize>size << 2;
  const g1 = f32x4.splat(gain1), g2 = f32x4.splat(gain2), step = f32x4.splat(-rate), small = f32x4.splat(epsilon), kept = f32x4.splat(keep);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const g = v128.load(gradient + at), m0 = v128.load(m + at), v0 = v128.load(v + at);
    const m1 = madd(g1, f32x4.sub(g, m0), m0);
    const v1 = madd(g2, f32x4.sub(f32x4.mul(g, g), v0), v0);
    v128.store(newM + at, m1);
    v128.store(newV + at, v1);
    const direction = f32x4.div(m1, f32x4.add(f32x4.sqrt(v1), small));
    v128.store(newTheta + at, madd(step, direction, f32x4.mul(kept, v128.load(theta + at))));
  }
  for (; at < bytes; at += 4) {
    const g = load<f32>(gradient + at), m0 = load<f32>(m + at), v0 = load<f32>(v + at);
    const m1 = gain1 * (g - m0) + m0;
    const v1 = gain2 * (g * g - v0) + v0;
    store<f32>(newM + at, m1);
    store<f32>(newV + at, v1);
    store<f32>(newTheta + at, keep * load<f32>(theta + at) - rate * (m1 / (sqrt<f32>(v1) + epsilon)));
  }
}
