import { dot, gather, item, scatter, setItem } from './lanes';
import { madd } from './madd';
import { plane } from './transpose';

// One step of Anderson acceleration (see `anderson.ts` of package solvers) for `batch` samples of `d` numbers. `values`
// and `gaps` contain the last `held` differences of iterates and of residuals of each sample. The kernel keeps the
// newest `k - 1` differences and appends the differences of the last step.

/**
 * Makes an Anderson step for short samples, four samples at a time, one per lane. `scratch` has
 * `2 d (k + 1) + k (k + 1)` vectors.
 */
export function andersonLanes(
  y: usize, gap: usize, lastY: usize, lastGap: usize, values: usize, gaps: usize, outValues: usize, outGaps: usize, next: usize, scratch: usize,
  batch: i32, d: i32, held: i32, k: i32, damping: f32, regularization: f32,
): void {
  const kept = k - 1, row = <usize>d << 4, line = <usize>(k + 1) << 4;
  const stride = <usize>(held * d) << 2, dropped = <usize>((held - kept) * d) << 2;
  const v = scratch, g = v + <usize>k * row, target = g + <usize>k * row, point = target + row, system = point + row;
  const newV = v + <usize>kept * row, newG = g + <usize>kept * row;
  const damp = f32x4.splat(damping);
  for (let first = 0; first < batch; first += 4) {
    const count = min(batch - first, 4);
    const at = <usize>(first * d) << 2, past = <usize>first * stride + dropped;
    plane(values + past, stride, v, 16, count, kept * d);
    plane(gaps + past, stride, g, 16, count, kept * d);
    gather(y + at, d, point, count);
    gather(gap + at, d, target, count);
    gather(lastY + at, d, newV, count);
    gather(lastGap + at, d, newG, count);
    for (let i = 0; i < d; i++) {
      setItem(newV, i, f32x4.sub(item(point, i), item(newV, i)));
      setItem(newG, i, f32x4.sub(item(target, i), item(newG, i)));
    }
    scatter(v, k * d, outValues + <usize>k * at, count);
    scatter(g, k * d, outGaps + <usize>k * at, count);

    // Stores only the upper triangle of the Gram matrix, followed by the right-hand side.
    let trace = f32x4.splat(0);
    for (let i = 0; i < k; i++) {
      const own = g + <usize>i * row, to = system + <usize>i * line;
      for (let j = i; j < k; j++) setItem(to, j, dot(own, 16, g + <usize>j * row, d));
      setItem(to, k, dot(own, 16, target, d));
      trace = f32x4.add(trace, item(to, i));
    }
    const scale = f32x4.div(f32x4.splat(1), f32x4.max(trace, f32x4.splat(1e-30)));
    for (let i = 0; i < k; i++) {
      const to = system + <usize>i * line;
      for (let j = i; j <= k; j++) setItem(to, j, f32x4.mul(item(to, j), scale));
      setItem(to, i, f32x4.add(item(to, i), f32x4.splat(regularization)));
    }
    for (let i = 0; i < k; i++) {
      const top = system + <usize>i * line;
      const inverse = f32x4.div(f32x4.splat(1), item(top, i));
      setItem(top, i, inverse);
      for (let j = i + 1; j < k; j++) {
        const below = system + <usize>j * line;
        const factor = f32x4.neg(f32x4.mul(item(top, j), inverse));
        for (let l = j; l <= k; l++) setItem(below, l, madd(factor, item(top, l), item(below, l)));
      }
    }

    for (let i = 0; i < d; i++) setItem(point, i, madd(damp, item(target, i), item(point, i)));
    for (let i = k - 1; i >= 0; i--) {
      const own = system + <usize>i * line;
      let rest = item(own, k);
      // Each computed coefficient has overwritten its right-hand side.
      for (let j = i + 1; j < k; j++) rest = f32x4.sub(rest, f32x4.mul(item(own, j), item(system + <usize>j * line, k)));
      const c = f32x4.mul(rest, item(own, i));
      setItem(own, k, c);
      const minus = f32x4.neg(c);
      const vi = v + <usize>i * row, gi = g + <usize>i * row;
      for (let j = 0; j < d; j++) setItem(point, j, madd(minus, madd(damp, item(gi, j), item(vi, j)), item(point, j)));
    }
    scatter(point, d, next + at, count);
  }
}

/** Number of floats of a row in a block. A block stays in the first-level cache. */
// @ts-ignore: decorators of AssemblyScript
@inline
const BLOCK: i32 = 512;

/**
 * Makes an Anderson step for long samples, one sample at a time. The linear system of each sample is solved in float64.
 * `scratch` has `k (k + 1)` float64.
 */
export function andersonRows(
  y: usize, gap: usize, lastY: usize, lastGap: usize, values: usize, gaps: usize, outValues: usize, outGaps: usize, next: usize, scratch: usize,
  batch: i32, d: i32, held: i32, k: i32, damping: f32, regularization: f32,
): void {
  const kept = k - 1, bytes = <usize>d << 2, line = <usize>(k + 1) << 3;
  const dropped = <usize>(held - kept) * bytes;
  for (let b = 0; b < batch; b++) {
    memory.fill(scratch, 0, <usize>k * line);
    for (let begin = 0; begin < d; begin += BLOCK) {
      const at = <usize>begin << 2, length = <usize>min(BLOCK, d - begin) << 2;
      for (let i: usize = 0; i < <usize>kept; i++) {
        memory.copy(outValues + i * bytes + at, values + dropped + i * bytes + at, length);
        memory.copy(outGaps + i * bytes + at, gaps + dropped + i * bytes + at, length);
      }
      subtract(y + at, lastY + at, outValues + <usize>kept * bytes + at, length);
      subtract(gap + at, lastGap + at, outGaps + <usize>kept * bytes + at, length);
      for (let i = 0; i < k; i++) {
        const own = outGaps + <usize>i * bytes + at, to = scratch + <usize>i * line;
        for (let j = i; j < k; j++) addTo(to + (<usize>j << 3), product(own, outGaps + <usize>j * bytes + at, length));
        addTo(to + (<usize>k << 3), product(own, gap + at, length));
      }
    }
    solve(scratch, k, regularization);
    advance(y, gap, outValues, outGaps, next, scratch + (<usize>k << 3), line, bytes, k, damping);
    y += bytes; gap += bytes; lastY += bytes; lastGap += bytes; next += bytes;
    values += <usize>held * bytes; gaps += <usize>held * bytes;
    outValues += <usize>k * bytes; outGaps += <usize>k * bytes;
  }
}

/**
 * Solves for the coefficients. The coefficients overwrite the right-hand side, which is stored after the upper triangle
 * of the Gram matrix.
 */
function solve(system: usize, k: i32, regularization: f64): void {
  const line = <usize>(k + 1) << 3, diagonal = line + 8, right = <usize>k << 3;
  let trace: f64 = 0;
  for (let i: usize = 0; i < <usize>k; i++) trace += load<f64>(system + i * diagonal);
  const scale = 1 / max(trace, 1e-30);
  for (let i: usize = 0; i < <usize>k; i++) {
    const own = system + i * line;
    for (let j = i << 3; j <= right; j += 8) store<f64>(own + j, load<f64>(own + j) * scale);
    addTo(own + (i << 3), regularization);
  }
  for (let i: usize = 0; i < <usize>k; i++) {
    const top = system + i * line;
    const inverse = 1 / load<f64>(top + (i << 3));
    for (let j = i + 1; j < <usize>k; j++) {
      const below = system + j * line;
      const factor = load<f64>(top + (j << 3)) * inverse;
      for (let l = j << 3; l <= right; l += 8) store<f64>(below + l, load<f64>(below + l) - factor * load<f64>(top + l));
    }
  }
  for (let i = k - 1; i >= 0; i--) {
    const own = system + <usize>i * line;
    let rest = load<f64>(own + right);
    for (let j = <usize>i + 1; j < <usize>k; j++) rest -= load<f64>(own + (j << 3)) * load<f64>(system + j * line + right);
    store<f64>(own + right, rest / load<f64>(own + (<usize>i << 3)));
  }
}

/** `next = y + damping gap - sum_i c_i (values_i + damping gaps_i)`. The coefficients are `apart` bytes apart. */
function advance(y: usize, gap: usize, values: usize, gaps: usize, next: usize, c: usize, apart: usize, bytes: usize, k: i32, damping: f32): void {
  const damp = f32x4.splat(damping);
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    let p = madd(damp, v128.load(gap + at), v128.load(y + at)), q = madd(damp, v128.load(gap + at, 16), v128.load(y + at, 16));
    let v = values + at, g = gaps + at, from = c;
    for (let i = 0; i < k; i++, v += bytes, g += bytes, from += apart) {
      const minus = f32x4.splat(-<f32>load<f64>(from));
      p = madd(minus, madd(damp, v128.load(g), v128.load(v)), p);
      q = madd(minus, madd(damp, v128.load(g, 16), v128.load(v, 16)), q);
    }
    v128.store(next + at, p);
    v128.store(next + at, q, 16);
  }
  for (; at < bytes; at += 4) {
    let p = load<f32>(y + at) + damping * load<f32>(gap + at);
    let v = values + at, g = gaps + at, from = c;
    for (let i = 0; i < k; i++, v += bytes, g += bytes, from += apart) p -= <f32>load<f64>(from) * (load<f32>(v) + damping * load<f32>(g));
    store<f32>(next + at, p);
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function addTo(at: usize, x: f64): void {
  store<f64>(at, load<f64>(at) + x);
}

function subtract(a: usize, b: usize, out: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.sub(v128.load(a + at), v128.load(b + at)));
  for (; at < bytes; at += 4) store<f32>(out + at, load<f32>(a + at) - load<f32>(b + at));
}

function product(a: usize, b: usize, bytes: usize): f64 {
  let p = f32x4.splat(0), q = p, r = p, s = p;
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    p = madd(v128.load(a + at), v128.load(b + at), p);
    q = madd(v128.load(a + at, 16), v128.load(b + at, 16), q);
    r = madd(v128.load(a + at, 32), v128.load(b + at, 32), r);
    s = madd(v128.load(a + at, 48), v128.load(b + at, 48), s);
  }
  for (; at + 16 <= bytes; at += 16) p = madd(v128.load(a + at), v128.load(b + at), p);
  p = f32x4.add(f32x4.add(p, q), f32x4.add(r, s));
  let sum = <f64>f32x4.extract_lane(p, 0) + <f64>f32x4.extract_lane(p, 1) + (<f64>f32x4.extract_lane(p, 2) + <f64>f32x4.extract_lane(p, 3));
  for (; at < bytes; at += 4) sum += <f64>load<f32>(a + at) * <f64>load<f32>(b + at);
  return sum;
}
