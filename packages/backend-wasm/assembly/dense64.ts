// Products in float64 of float32 matrices with float64 vectors. The vectors are padded with zeros to an even length.

/** Computes the product `W v`, `[rows]`. Four rows at a time share the loads of `v`. */
export function product(weight: usize, v: usize, out: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2;
  const whole = stride & ~15;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const r0 = weight + <usize>i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
    let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let at: usize = 0; at < whole; at += 16) {
      const x = v128.load(v + (at << 1)), y = v128.load(v + (at << 1), 16);
      a0 = madd64(pair(r0 + at), x, a0);
      b0 = madd64(pair(r0 + at + 8), y, b0);
      a1 = madd64(pair(r1 + at), x, a1);
      b1 = madd64(pair(r1 + at + 8), y, b1);
      a2 = madd64(pair(r2 + at), x, a2);
      b2 = madd64(pair(r2 + at + 8), y, b2);
      a3 = madd64(pair(r3 + at), x, a3);
      b3 = madd64(pair(r3 + at + 8), y, b3);
    }
    const to = out + (<usize>i << 3);
    store<f64>(to, both(a0, b0) + tail(r0, v, whole, stride));
    store<f64>(to, both(a1, b1) + tail(r1, v, whole, stride), 8);
    store<f64>(to, both(a2, b2) + tail(r2, v, whole, stride), 16);
    store<f64>(to, both(a3, b3) + tail(r3, v, whole, stride), 24);
  }
  for (; i < rows; i++) {
    const row = weight + <usize>i * stride;
    let a = f64x2.splat(0), b = a;
    for (let at: usize = 0; at < whole; at += 16) {
      a = madd64(pair(row + at), v128.load(v + (at << 1)), a);
      b = madd64(pair(row + at + 8), v128.load(v + (at << 1), 16), b);
    }
    store<f64>(out + (<usize>i << 3), both(a, b) + tail(row, v, whole, stride));
  }
}

/**
 * Adds the product `W^T u`, `[columns]`, to `out`, which must be zero. Four rows at a time share the loads and stores
 * of the sums.
 */
export function productTransposed(weight: usize, u: usize, out: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2;
  const whole = stride & ~7;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const r0 = weight + <usize>i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
    const from = u + (<usize>i << 3);
    const x0 = load<f64>(from), x1 = load<f64>(from, 8), x2 = load<f64>(from, 16), x3 = load<f64>(from, 24);
    const u0 = f64x2.splat(x0), u1 = f64x2.splat(x1), u2 = f64x2.splat(x2), u3 = f64x2.splat(x3);
    let at: usize = 0;
    for (; at < whole; at += 8) {
      const first = madd64(pair(r0 + at), u0, madd64(pair(r1 + at), u1, v128.load(out + (at << 1))));
      const second = madd64(pair(r2 + at), u2, f64x2.mul(pair(r3 + at), u3));
      v128.store(out + (at << 1), f64x2.add(first, second));
    }
    if (at < stride) {
      const sum = <f64>load<f32>(r0 + at) * x0 + <f64>load<f32>(r1 + at) * x1 + <f64>load<f32>(r2 + at) * x2 + <f64>load<f32>(r3 + at) * x3;
      store<f64>(out + (at << 1), load<f64>(out + (at << 1)) + sum);
    }
  }
  for (; i < rows; i++) {
    const row = weight + <usize>i * stride;
    const x = load<f64>(u + (<usize>i << 3));
    for (let at: usize = 0; at < stride; at += 4) store<f64>(out + (at << 1), load<f64>(out + (at << 1)) + <f64>load<f32>(row + at) * x);
  }
}

/** Returns the inner product `<a, b>` of `bytes` bytes of float64. */
export function inner(a: usize, b: usize, bytes: usize): f64 {
  let s = f64x2.splat(0), t = s;
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    s = madd64(v128.load(a + at), v128.load(b + at), s);
    t = madd64(v128.load(a + at, 16), v128.load(b + at, 16), t);
  }
  if (at < bytes) s = madd64(v128.load(a + at), v128.load(b + at), s);
  return both(s, t);
}

/** Computes `x -= by other`. */
export function subtractMultiple(x: usize, by: f64, other: usize, bytes: usize): void {
  const factor = f64x2.splat(-by);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(x + at, madd64(factor, v128.load(other + at), v128.load(x + at)));
}

/** Computes the linear combination `sum_k weights[k] basis[k]`, `size` numbers, stored as float32. */
export function project(weights: usize, basis: usize, count: i32, out: usize, size: i32, bytes: usize): void {
  for (let i = 0; i < size; i++) {
    let sum: f64 = 0;
    for (let k = 0; k < count; k++) sum += load<f64>(weights + (<usize>k << 3)) * load<f64>(basis + <usize>k * bytes + (<usize>i << 3));
    store<f32>(out + (<usize>i << 2), <f32>sum);
  }
}

/** Returns `a b + c` in float64, with one rounding in the relaxed build. */
// @ts-ignore: decorators of AssemblyScript
@inline
function madd64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/** Loads two adjacent numbers of a float32 row as float64. */
// @ts-ignore: decorators of AssemblyScript
@inline
function pair(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

// @ts-ignore: decorators of AssemblyScript
@inline
function both(a: v128, b: v128): f64 {
  const s = f64x2.add(a, b);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

// @ts-ignore: decorators of AssemblyScript
@inline
function tail(row: usize, v: usize, from: usize, to: usize): f64 {
  let sum: f64 = 0;
  for (let at = from; at < to; at += 4) sum += <f64>load<f32>(row + at) * load<f64>(v + (at << 1));
  return sum;
}
