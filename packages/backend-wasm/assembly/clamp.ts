/** Computes `y = min(max(x, low), high)` for `n` floats. NaN stays NaN. */
export function clamp(x: usize, low: f32, high: f32, y: usize, n: usize): void {
  const end = n << 2, whole = end & ~15;
  const least = f32x4.splat(low), most = f32x4.splat(high);
  for (let at: usize = 0; at < whole; at += 16) {
    const v = v128.load(x + at);
    v128.store(y + at, v128.bitselect(most, v128.bitselect(least, v, f32x4.lt(v, least)), f32x4.gt(v, most)));
  }
  for (let at = whole; at < end; at += 4) {
    const v = load<f32>(x + at);
    store<f32>(y + at, v < low ? low : v > high ? high : v);
  }
}
