import { madd } from '../madd';
import { negativeAbs } from './bits';
import { decay } from './exponential';

/**
 * Number of bytes in a block that is summed in float32. The rounding error grows with the length of a block plus the
 * number of blocks, not with the number of elements.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const BLOCK: usize = 128 * 16;

/** The scale that makes the slope of `a sigmoid(b a)` at most 1. */
// @ts-ignore: decorators of AssemblyScript
@inline
const SCALE: f32 = 1 / 1.1;

/**
 * Gradient of `<u, s(a)> + sum_k <w_k, s'(a) t_k>` with `s(a) = a sigmoid(b a) / 1.1`, for `count` tangents `t` and
 * cotangents `w` of `size` numbers: with respect to `a` (`gradient`), the tangents (`pulled`) and `b` (`ofB`, one
 * number). The argument `b` is the address of the number `b`, and `slope` holds the values `s'(a)`.
 */
export function lipSwishPullback(u: usize, a: usize, b: usize, slope: usize, tangents: usize, cotangents: usize, gradient: usize, pulled: usize, ofB: usize, count: i32, size: i32): void {
  const by = load<f32>(b), bytes = <usize>size << 2, whole = bytes & ~15;
  let total: f64 = 0;
  for (let from: usize = 0; from < whole; from += BLOCK) {
    const to = min(from + BLOCK, whole);
    let sum = f32x4.splat(0);
    if (count == 0) {
      for (let at = from; at < to; at += 16) {
        const v = v128.load(u + at);
        v128.store(gradient + at, f32x4.mul(v, v128.load(slope + at)));
        const x = v128.load(a + at);
        sum = f32x4.add(sum, direct(x, minor(f32x4.mul(x, f32x4.splat(by))), v));
      }
    } else {
      for (let at = from; at < to; at += 16) {
        const s = v128.load(slope + at);
        let moment = f32x4.splat(0);
        for (let k = 0, place = at; k < count; k++, place += bytes) {
          const w = v128.load(cotangents + place);
          moment = madd(w, v128.load(tangents + place), moment);
          v128.store(pulled + place, f32x4.mul(w, s));
        }
        const v = v128.load(u + at), x = v128.load(a + at), ba = f32x4.mul(x, f32x4.splat(by)), f = minor(ba), met = bent(ba, f, moment);
        v128.store(gradient + at, madd(met, f32x4.splat(by * SCALE), f32x4.mul(v, s)));
        sum = f32x4.add(sum, madd(x, met, direct(x, f, v)));
      }
    }
    total += <f64>f32x4.extract_lane(sum, 0) + <f64>f32x4.extract_lane(sum, 1) + (<f64>f32x4.extract_lane(sum, 2) + <f64>f32x4.extract_lane(sum, 3));
  }
  // The last elements are computed one at a time, with one number per vector.
  for (let at = whole; at < bytes; at += 4) {
    const s = v128.load32_zero(slope + at), v = v128.load32_zero(u + at), x = v128.load32_zero(a + at), ba = f32x4.mul(x, f32x4.splat(by)), f = minor(ba);
    let moment = f32x4.splat(0), sum = direct(x, f, v), change = f32x4.mul(v, s);
    for (let k = 0, place = at; k < count; k++, place += bytes) {
      const w = v128.load32_zero(cotangents + place);
      moment = madd(w, v128.load32_zero(tangents + place), moment);
      v128.store32_lane(pulled + place, f32x4.mul(w, s), 0);
    }
    if (count > 0) {
      const met = bent(ba, f, moment);
      change = madd(met, f32x4.splat(by * SCALE), change);
      sum = madd(x, met, sum);
    }
    v128.store32_lane(gradient + at, change, 0);
    total += f32x4.extract_lane(sum, 0);
  }
  store<f32>(ofB, <f32>(total * <f64>SCALE));
}

/** The smaller of `sigmoid(x)` and `1 - sigmoid(x)`, with a small relative error. */
// @ts-ignore: decorators of AssemblyScript
@inline
function minor(x: v128): v128 {
  const z = decay(negativeAbs(x));
  return f32x4.div(z, f32x4.add(z, f32x4.splat(1)));
}

/** Returns the derivative of the sigmoid. */
// @ts-ignore: decorators of AssemblyScript
@inline
function steepness(f: v128): v128 { return f32x4.mul(f, f32x4.sub(f32x4.splat(1), f)); }

/** `u a^2 sigmoid'(b a)`, given `f = minor(b a)`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function direct(a: v128, f: v128, u: v128): v128 { return f32x4.mul(f32x4.mul(u, f32x4.mul(a, a)), steepness(f)); }

/**
 * `(2 sigmoid'(x) + x sigmoid''(x)) moment`, given `f = minor(x)`. `sigmoid'' = sigmoid' (1 - 2 sigmoid)`, and
 * `1 - 2 sigmoid` is `1 - 2 f` with the sign of `-x`.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function bent(x: v128, f: v128, moment: v128): v128 {
  return f32x4.mul(f32x4.mul(steepness(f), madd(negativeAbs(x), f32x4.sub(f32x4.splat(1), f32x4.add(f, f)), f32x4.splat(2))), moment);
}

/** Computes LipSwish `s(a)` and its slope `s'(a) = (sigmoid + b a sigmoid') / 1.1`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function lipSwish(x: v128, value: usize, slope: usize, b: v128): void {
  const scale = f32x4.splat(SCALE), ba = f32x4.mul(x, b), f = minor(ba);
  const s = v128.bitselect(f, f32x4.sub(f32x4.splat(1), f), f32x4.lt(ba, f32x4.splat(0)));
  v128.store(value, f32x4.mul(f32x4.mul(x, s), scale));
  v128.store(slope, f32x4.mul(madd(ba, steepness(f), s), scale));
}
