/**
 * Returns the logarithms of two positive normal float64 numbers (or infinity), with error 1e-13: `x = 2^e m` with `m`
 * in `[sqrt 1/2, sqrt 2)` and `log m = 2 artanh((m - 1) / (m + 1))`.
 *
 * @remarks The logarithm of the standard library cannot be used: it has tables in static memory, but this memory
 * belongs to tfjs.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function log64(x: v128): v128 {
  const e = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const m = i64x2.sub(x, i64x2.shl(e, 52));
  // Convert the integer to float64: add it to the bits of 1.5 2^52, then subtract 1.5 2^52.
  const exponent = f64x2.sub(i64x2.add(e, i64x2.splat(0x4338000000000000)), f64x2.splat(6755399441055744));
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  let series = f64x2.splat(2.0 / 17);
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 15));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 13));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 11));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 9));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 7));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 5));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2.0 / 3));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(2));
  const value = f64x2.add(f64x2.mul(exponent, f64x2.splat(0.6931471805599453)), f64x2.mul(s, series));
  const infinite = f64x2.splat(Infinity);
  return v128.bitselect(infinite, value, f64x2.eq(x, infinite));
}
