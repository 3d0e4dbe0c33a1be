/**
 * Number of lines that are summed in one block. The rounding error grows with the lines per block plus the number of
 * blocks, not with the number of all lines.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const BLOCK: i32 = 128;

/** Sums over the middle axis: `out[i, j] = sum over r of x[i, r, j]`, `x [outer, reduced, inner]`. */
export function sum(x: usize, outer: i32, reduced: i32, inner: i32, out: usize): void {
  const step = <usize>reduced * inner << 2;
  for (let i = 0; i < outer; i++) {
    if (inner == 1) store<f32>(out, line(x, reduced));
    else columns(x, reduced, inner, out);
    x += step;
    out += <usize>inner << 2;
  }
}

/** Returns the sum of `count` adjacent numbers. */
function line(x: usize, count: i32): f32 {
  let total: f64 = 0;
  while (count >= 16) {
    const steps = min(count >> 4, BLOCK);
    count -= steps << 4;
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (let k = steps; k > 0; k--) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
      x += 64;
    }
    a = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    total += <f64>f32x4.extract_lane(a, 0) + <f64>f32x4.extract_lane(a, 1) + (<f64>f32x4.extract_lane(a, 2) + <f64>f32x4.extract_lane(a, 3));
  }
  for (; count > 0; count--) {
    total += load<f32>(x);
    x += 4;
  }
  return <f32>total;
}

/** Computes the sums of `inner` columns. */
function columns(x: usize, reduced: i32, inner: i32, out: usize): void {
  const row = <usize>inner << 2;
  let j = 0;
  for (; j + 16 <= inner; j += 16) {
    let s = f32x4.splat(0), t = s, u = s, v = s, from = x;
    for (let r = 0; r < reduced; r += BLOCK) {
      let a = f32x4.splat(0), b = a, c = a, d = a;
      for (let k = min(reduced - r, BLOCK); k > 0; k--) {
        a = f32x4.add(a, v128.load(from));
        b = f32x4.add(b, v128.load(from, 16));
        c = f32x4.add(c, v128.load(from, 32));
        d = f32x4.add(d, v128.load(from, 48));
        from += row;
      }
      s = f32x4.add(s, a); t = f32x4.add(t, b); u = f32x4.add(u, c); v = f32x4.add(v, d);
    }
    v128.store(out, s); v128.store(out, t, 16); v128.store(out, u, 32); v128.store(out, v, 48);
    x += 64;
    out += 64;
  }
  for (; j < inner; j++) {
    // Four independent sums hide the latency of an addition.
    let a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0, from = x, r = reduced;
    for (; r >= 4; r -= 4) {
      a += load<f32>(from);
      b += load<f32>(from + row);
      c += load<f32>(from + 2 * row);
      d += load<f32>(from + 3 * row);
      from += 4 * row;
    }
    for (; r > 0; r--) {
      a += load<f32>(from);
      from += row;
    }
    store<f32>(out, <f32>(a + b + (c + d)));
    x += 4;
    out += 4;
  }
}
