import { madd } from './madd';

/** Number of floats of a slope in a block. The block stays in the first-level cache for all tangents. */
const BLOCK: i32 = 2048;

/** Multiplies tangents by a slope: `out[k] = tangents[k] slope`, for `count` tangents of `size` floats. */
export function tangentProduct(tangents: usize, slope: usize, out: usize, count: i32, size: i32): void {
  for (let from = 0; from < size; from += BLOCK) {
    const length = min(BLOCK, size - from);
    for (let k = 0; k < count; k++) {
      const at = <usize>(k * size + from) << 2;
      multiply(tangents + at, slope + (<usize>from << 2), out + at, length);
    }
  }
}

function multiply(a: usize, b: usize, out: usize, length: i32): void {
  const bytes = <usize>length << 2;
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    v128.store(out + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
    v128.store(out + at, f32x4.mul(v128.load(a + at, 16), v128.load(b + at, 16)), 16);
    v128.store(out + at, f32x4.mul(v128.load(a + at, 32), v128.load(b + at, 32)), 32);
    v128.store(out + at, f32x4.mul(v128.load(a + at, 48), v128.load(b + at, 48)), 48);
  }
  for (; at < bytes; at += 4) store<f32>(out + at, load<f32>(a + at) * load<f32>(b + at));
}

/**
 * `gradient = u slope + scale curvature sum_k tangents[k] cotangents[k]` and `pulled[k] = cotangents[k] slope`. Reads
 * or writes each array once.
 */
export function tangentPullback(
  u: usize, slope: usize, curvature: usize, tangents: usize, cotangents: usize, gradient: usize, pulled: usize, scale: f32, count: i32, size: i32,
): void {
  const bytes = <usize>size << 2;
  const factor = f32x4.splat(scale);
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    const s0 = v128.load(slope + at), s1 = v128.load(slope + at, 16), s2 = v128.load(slope + at, 32), s3 = v128.load(slope + at, 48);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    for (let k = 0, place = at; k < count; k++, place += bytes) {
      const w0 = v128.load(cotangents + place), w1 = v128.load(cotangents + place, 16), w2 = v128.load(cotangents + place, 32), w3 = v128.load(cotangents + place, 48);
      a0 = madd(w0, v128.load(tangents + place), a0);
      a1 = madd(w1, v128.load(tangents + place, 16), a1);
      a2 = madd(w2, v128.load(tangents + place, 32), a2);
      a3 = madd(w3, v128.load(tangents + place, 48), a3);
      v128.store(pulled + place, f32x4.mul(w0, s0));
      v128.store(pulled + place, f32x4.mul(w1, s1), 16);
      v128.store(pulled + place, f32x4.mul(w2, s2), 32);
      v128.store(pulled + place, f32x4.mul(w3, s3), 48);
    }
    v128.store(gradient + at, madd(f32x4.mul(factor, v128.load(curvature + at)), a0, f32x4.mul(v128.load(u + at), s0)));
    v128.store(gradient + at, madd(f32x4.mul(factor, v128.load(curvature + at, 16)), a1, f32x4.mul(v128.load(u + at, 16), s1)), 16);
    v128.store(gradient + at, madd(f32x4.mul(factor, v128.load(curvature + at, 32)), a2, f32x4.mul(v128.load(u + at, 32), s2)), 32);
    v128.store(gradient + at, madd(f32x4.mul(factor, v128.load(curvature + at, 48)), a3, f32x4.mul(v128.load(u + at, 48), s3)), 48);
  }
  for (; at < bytes; at += 4) {
    const s = load<f32>(slope + at);
    let sum: f32 = 0;
    for (let k = 0, place = at; k < count; k++, place += bytes) {
      const w = load<f32>(cotangents + place);
      sum += w * load<f32>(tangents + place);
      store<f32>(pulled + place, w * s);
    }
    store<f32>(gradient + at, load<f32>(u + at) * s + scale * load<f32>(curvature + at) * sum);
  }
}

/**
 * Computes {@link tangentPullback} for one tangent: `gradient = u slope + scale curvature tangent cotangent` and
 * `pulled = cotangent slope`. Where `u` is 0, adds the second term to `gradient` instead.
 */
export function pullTangent(u: usize, slope: usize, curvature: usize, tangent: usize, cotangent: usize, gradient: usize, pulled: usize, scale: f32, size: i32): void {
  const bytes = <usize>size << 2;
  const factor = f32x4.splat(scale);
  let at: usize = 0;
  if (u !== 0) {
    for (; at + 16 <= bytes; at += 16) {
      const s = v128.load(slope + at), c = v128.load(cotangent + at);
      v128.store(gradient + at, madd(f32x4.mul(factor, v128.load(curvature + at)), f32x4.mul(v128.load(tangent + at), c), f32x4.mul(v128.load(u + at), s)));
      v128.store(pulled + at, f32x4.mul(c, s));
    }
  } else {
    for (; at + 16 <= bytes; at += 16) {
      const s = v128.load(slope + at), c = v128.load(cotangent + at);
      v128.store(gradient + at, madd(f32x4.mul(factor, v128.load(curvature + at)), f32x4.mul(v128.load(tangent + at), c), v128.load(gradient + at)));
      v128.store(pulled + at, f32x4.mul(c, s));
    }
  }
  for (; at < bytes; at += 4) {
    const s = load<f32>(slope + at), c = load<f32>(cotangent + at);
    const start = u !== 0 ? load<f32>(u + at) * s : load<f32>(gradient + at);
    store<f32>(gradient + at, start + scale * load<f32>(curvature + at) * (load<f32>(tangent + at) * c));
    store<f32>(pulled + at, c * s);
  }
}

/** Computes `out += x`. */
export function addTo(out: usize, x: usize, size: i32): void {
  const bytes = <usize>size << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.add(v128.load(out + at), v128.load(x + at)));
  for (; at < bytes; at += 4) store<f32>(out + at, load<f32>(out + at) + load<f32>(x + at));
}
