/**
 * Caps the norm of a weight: computes `slope = u v^T [m, n]`, `sigma = <slope, weight>` and
 * `scaled = coeff / max(sigma, coeff) weight`. Sums are in float64, so that the result does not depend on the order of
 * summation.
 */
export function cap(weight: usize, u: usize, v: usize, scaled: usize, sigma: usize, slope: usize, coeff: f32, m: i32, n: i32): void {
  const row = <usize>n << 2;
  let total: f64 = 0;
  for (let i = 0; i < m; i++) {
    const ui = load<f32>(u + (<usize>i << 2));
    const us = f32x4.splat(ui);
    const w = weight + <usize>i * row, s = slope + <usize>i * row;
    let low = f64x2.splat(0), high = low;
    let at: usize = 0;
    for (; at + 16 <= row; at += 16) {
      const outer = f32x4.mul(us, v128.load(v + at));
      v128.store(s + at, outer);
      const product = f32x4.mul(outer, v128.load(w + at));
      low = f64x2.add(low, f64x2.promote_low_f32x4(product));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(product, product, 2, 3, 2, 3)));
    }
    const sum = f64x2.add(low, high);
    total += f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
    for (; at < row; at += 4) {
      const outer = ui * load<f32>(v + at);
      store<f32>(s + at, outer);
      total += <f64>(outer * load<f32>(w + at));
    }
  }
  const norm = <f32>total;
  store<f32>(sigma, norm);
  // A NaN norm must make the result NaN. f32.max returns NaN then.
  const factor = coeff / max(norm, coeff);
  const f = f32x4.splat(factor);
  const bytes = <usize>m * row;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(scaled + at, f32x4.mul(f, v128.load(weight + at)));
  for (; at < bytes; at += 4) store<f32>(scaled + at, factor * load<f32>(weight + at));
}
