/** Computes `min(max(x, 0), top)` in place. The result for NaN is NaN. */
export function rectify(x: usize, count: i32, top: f32): void {
  const zero = f32x4.splat(0), high = f32x4.splat(top);
  for (; count >= 4; count -= 4) {
    v128.store(x, f32x4.min(f32x4.max(v128.load(x), zero), high));
    x += 16;
  }
  for (; count > 0; count--) {
    store<f32>(x, min(max(load<f32>(x), 0), top));
    x += 4;
  }
}

/** Computes leaky relu in place: `x` if `x` is not negative, else `slope x`. */
export function leak(x: usize, count: i32, slope: f32): void {
  const zero = f32x4.splat(0), factor = f32x4.splat(slope);
  for (; count >= 4; count -= 4) {
    const v = v128.load(x);
    v128.store(x, v128.bitselect(f32x4.mul(v, factor), v, f32x4.lt(v, zero)));
    x += 16;
  }
  for (; count > 0; count--) {
    const v = load<f32>(x);
    store<f32>(x, v < 0 ? v * slope : v);
    x += 4;
  }
}
