/**
 * Computes the Euclidean norm of each of `rows` rows of `n` floats. Sums in float64, but writes infinity if a float32
 * sum would overflow.
 */
export function sampleNorm(x: usize, out: usize, rows: i32, n: i32): void {
  for (let i = 0; i < rows; i++, out += 4) {
    let low = f64x2.splat(0), high = low;
    let k = n;
    for (; k >= 4; k -= 4, x += 16) {
      const p = f64x2.promote_low_f32x4(v128.load64_zero(x)), q = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
      low = f64x2.add(low, f64x2.mul(p, p));
      high = f64x2.add(high, f64x2.mul(q, q));
    }
    const pair = f64x2.add(low, high);
    let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
    for (; k > 0; k--, x += 4) {
      const y = <f64>load<f32>(x);
      sum += y * y;
    }
    store<f32>(out, sqrt<f32>(<f32>sum));
  }
}
