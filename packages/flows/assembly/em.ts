// A pass of the EM algorithm for Gaussian mixtures over rows in float64. The rows are stored in strips of eight: for
// each strip and column eight numbers, one of each row, so that a vector operation works on the same column of two rows.

@external('env', 'exp')
declare function exp(x: f64): f64;
@external('env', 'log')
declare function log(x: f64): f64;

/** A component is ignored at a row if it is less likely than the likeliest component by this many nats. */
const NEGLIGIBLE: f64 = 45;
/** Share below which a component ignores a strip. */
const LEAST_SHARE: f64 = 1e-12;

/** Returns the larger numbers. If a number of `b` is NaN, the number of `a`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function most(a: v128, b: v128): v128 {
  return f64x2.pmax(a, b);
}

/** Stores `x - mean` of one column of a strip. */
// @ts-ignore: decorators of AssemblyScript
@inline
function subtract(x: usize, mean: usize, gap: usize): void {
  const m = v128.load_splat<f64>(mean);
  v128.store(gap, f64x2.sub(v128.load(x), m));
  v128.store(gap, f64x2.sub(v128.load(x, 16), m), 16);
  v128.store(gap, f64x2.sub(v128.load(x, 32), m), 32);
  v128.store(gap, f64x2.sub(v128.load(x, 48), m), 48);
}

/** Returns whether the numbers of all eight rows are above their limits. */
// @ts-ignore: decorators of AssemblyScript
@inline
function allAbove(s0: v128, s1: v128, s2: v128, s3: v128, limit: usize): bool {
  return i64x2.all_true(
    v128.and(
      v128.and(f64x2.gt(s0, v128.load(limit)), f64x2.gt(s1, v128.load(limit, 16))),
      v128.and(f64x2.gt(s2, v128.load(limit, 32)), f64x2.gt(s3, v128.load(limit, 48))),
    ),
  );
}

/**
 * Writes `|A (x - mean)|^2` of the rows of a strip, for a lower triangle `A [d, d]`. Writes `x - mean` into `gap`.
 * Returns the number of multiplications of a row, negative if the distances of all rows exceed `limit` and were not
 * computed.
 */
function fullSquares(x: usize, mean: usize, factor: usize, d: i32, gap: usize, limit: usize, out: usize): i32 {
  const zero = f64x2.splat(0);
  let s0 = zero, s1 = zero, s2 = zero, s3 = zero, work = 0;
  for (let i = 0; i < d; i++) {
    subtract(x + ((<usize>i) << 6), mean + ((<usize>i) << 3), gap + ((<usize>i) << 6));
    let y0 = zero, y1 = zero, y2 = zero, y3 = zero;
    let a = factor + ((<usize>i * d) << 3), g = gap;
    for (const end = a + ((<usize>i) << 3); a <= end; a += 8, g += 64) {
      const each = v128.load_splat<f64>(a);
      y0 = f64x2.add(y0, f64x2.mul(each, v128.load(g)));
      y1 = f64x2.add(y1, f64x2.mul(each, v128.load(g, 16)));
      y2 = f64x2.add(y2, f64x2.mul(each, v128.load(g, 32)));
      y3 = f64x2.add(y3, f64x2.mul(each, v128.load(g, 48)));
    }
    s0 = f64x2.add(s0, f64x2.mul(y0, y0));
    s1 = f64x2.add(s1, f64x2.mul(y1, y1));
    s2 = f64x2.add(s2, f64x2.mul(y2, y2));
    s3 = f64x2.add(s3, f64x2.mul(y3, y3));
    work += i + 1;
    if ((i & 1) === 1 && allAbove(s0, s1, s2, s3, limit)) return -work;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  return work;
}

/** As {@link fullSquares}, for a diagonal `A [d]`. */
function diagonalSquares(x: usize, mean: usize, factor: usize, d: i32, limit: usize, out: usize): i32 {
  const zero = f64x2.splat(0);
  let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
  for (let i = 0; i < d; i++, x += 64, mean += 8, factor += 8) {
    const m = v128.load_splat<f64>(mean), a = v128.load_splat<f64>(factor);
    const y0 = f64x2.mul(a, f64x2.sub(v128.load(x), m)), y1 = f64x2.mul(a, f64x2.sub(v128.load(x, 16), m));
    const y2 = f64x2.mul(a, f64x2.sub(v128.load(x, 32), m)), y3 = f64x2.mul(a, f64x2.sub(v128.load(x, 48), m));
    s0 = f64x2.add(s0, f64x2.mul(y0, y0));
    s1 = f64x2.add(s1, f64x2.mul(y1, y1));
    s2 = f64x2.add(s2, f64x2.mul(y2, y2));
    s3 = f64x2.add(s3, f64x2.mul(y3, y3));
    if ((i & 7) === 7 && allAbove(s0, s1, s2, s3, limit)) return -2 * (i + 1);
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  return 2 * d;
}

/** Adds the products of two numbers of eight rows to the two partial sums at `sum`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function gather(sum: usize, w0: v128, w1: v128, w2: v128, w3: v128, g: usize): void {
  const low = f64x2.add(f64x2.mul(w0, v128.load(g)), f64x2.mul(w1, v128.load(g, 16)));
  const high = f64x2.add(f64x2.mul(w2, v128.load(g, 32)), f64x2.mul(w3, v128.load(g, 48)));
  v128.store(sum, f64x2.add(v128.load(sum), f64x2.add(low, high)));
}

/**
 * Adds the moments of a strip around the mean of a component, weighted by `shares [8]`. Returns the number of
 * multiplications of a row.
 */
function addMoments(
  x: usize, mean: usize, d: i32, moments: i32, shares: usize, gap: usize, total: usize, first: usize, second: usize,
): i32 {
  const r0 = v128.load(shares), r1 = v128.load(shares, 16), r2 = v128.load(shares, 32), r3 = v128.load(shares, 48);
  v128.store(total, f64x2.add(v128.load(total), f64x2.add(f64x2.add(r0, r1), f64x2.add(r2, r3))));
  for (let i = 0; i < d; i++, first += 16) {
    const g = gap + ((<usize>i) << 6);
    subtract(x + ((<usize>i) << 6), mean + ((<usize>i) << 3), g);
    gather(first, r0, r1, r2, r3, g);
    if (moments < 2) continue;
    const w0 = f64x2.mul(r0, v128.load(g)), w1 = f64x2.mul(r1, v128.load(g, 16));
    const w2 = f64x2.mul(r2, v128.load(g, 32)), w3 = f64x2.mul(r3, v128.load(g, 48));
    if (moments === 2) {
      gather(second, w0, w1, w2, w3, g);
      second += 16;
    } else for (let h = gap; h <= g; h += 64, second += 16) gather(second, w0, w1, w2, w3, h);
  }
  return moments === 3 ? (d * (d + 3)) / 2 : 2 * d;
}

/**
 * Runs the expectation step of `strips` strips and adds the sums that the maximization step needs. Returns the number of
 * multiplications, of which an exponential counts as 20.
 *
 * @param x The rows, `[strips, d, 8]`.
 * @param kind 0: lower triangles `[K, d, d]`; 1: diagonals.
 * @param stride Bytes between the factors of two components.
 * @param constants `log weight + log det A - d/2 log 2 pi` of each component.
 * @param floor Logarithm of the fixed density at each row, `[strips, 8]`, and -Infinity without a fixed density.
 * @param weights Weights of the rows, `[strips, 8]`; 0 for the rows that fill up the last strip.
 * @param nearest The component that is evaluated first at each strip, `[strips]`, in and out.
 * @param likeliest The likeliest component of each row, `[strips, 8]`.
 * @param logProbs `log p` of each row, `[strips, 8]`.
 * @param fixed Share of the fixed density at each row, `[strips, 8]`.
 * @param moments 0: no sums; 1: totals `[K + 1, 2]` and first moments `[K + 1, d, 2]` around the means, and one lower
 *   triangle `[d (d + 1) / 2, 2]`; 2: totals, first moments and variances `[K, d, 2]`; 3: totals, first moments and lower
 *   triangles `[K, d (d + 1) / 2, 2]`. All sums are in two parts. With 1, the last mean, total and first moment and the
 *   triangle are of the rows of all components together.
 * @param scratch Space for `8 (d + 4) + 8 K` numbers, and `K` integers.
 */
export function pass(
  x: usize, strips: i32, d: i32, K: i32, kind: i32, factors: usize, stride: i32, means: usize, constants: usize,
  floor: usize, weights: usize, nearest: usize, likeliest: usize, logProbs: usize, fixed: usize,
  moments: i32, totals: usize, firsts: usize, seconds: usize, scratch: usize,
): f64 {
  const gap = scratch, limit = gap + ((<usize>d) << 6), best = limit + 64, square = best + 64, sum = square + 64;
  const joints = sum + 64, active = joints + ((<usize>K) << 6);
  const size = moments === 3 ? ((<usize>d * (d + 1)) >> 1) << 4 : (<usize>d) << 4;
  let work: f64 = 0;
  for (let s = 0; s < strips; s++, x += (<usize>d) << 6, floor += 64, weights += 64, likeliest += 32, logProbs += 64, fixed += 64) {
    for (let at: usize = 0; at < 64; at += 16) v128.store(best + at, v128.load(floor + at));
    const begin = load<i32>(nearest + ((<usize>s) << 2));
    let count = 0;
    for (let turn = 0; turn < K; turn++) {
      const k = turn === 0 ? begin : turn <= begin ? turn - 1 : turn;
      const constant = v128.load_splat<f64>(constants + ((<usize>k) << 3));
      const far = f64x2.add(constant, f64x2.splat(NEGLIGIBLE));
      for (let at: usize = 0; at < 64; at += 16) {
        const over = f64x2.sub(far, v128.load(best + at));
        v128.store(limit + at, f64x2.add(over, over));
      }
      const mean = means + ((<usize>k * d) << 3), factor = factors + <usize>k * stride;
      const cost =
        kind === 0
          ? fullSquares(x, mean, factor, d, gap, limit, square)
          : diagonalSquares(x, mean, factor, d, limit, square);
      work += 8 * Math.abs(<f64>cost) + 16;
      if (cost < 0) continue;
      const joint = joints + ((<usize>count) << 6);
      store<i32>(active + ((<usize>count) << 2), k);
      count += 1;
      for (let at: usize = 0; at < 64; at += 16) {
        const value = f64x2.sub(constant, f64x2.mul(f64x2.splat(0.5), v128.load(square + at)));
        v128.store(joint + at, value);
        v128.store(best + at, most(v128.load(best + at), value));
      }
    }
    for (let lane: usize = 0; lane < 8; lane++) {
      const at = lane << 3, top = load<f64>(best + at), own = load<f64>(floor + at);
      let all: f64 = own === -Infinity ? 0 : exp(own - top);
      const least = all;
      let found = begin, nearestOver = -Infinity;
      for (let a = 0; a < count; a++) {
        const place = joints + ((<usize>a) << 6) + at;
        const joint = load<f64>(place), over = joint === -Infinity ? joint : joint - top;
        if (over > nearestOver) {
          nearestOver = over;
          found = load<i32>(active + ((<usize>a) << 2));
        }
        // NaN stays NaN, because NaN < -NEGLIGIBLE is false.
        const value = over < -NEGLIGIBLE ? 0 : exp(over);
        work += 20;
        store<f64>(place, value);
        all += value;
      }
      store<i32>(likeliest + (lane << 2), found);
      store<f64>(logProbs + at, top + log(all));
      store<f64>(fixed + at, least / all);
      store<f64>(sum + at, load<f64>(weights + at) / all);
    }
    store<i32>(nearest + ((<usize>s) << 2), load<i32>(likeliest));
    if (moments === 0) continue;
    for (let a = 0; a < count; a++) {
      const joint = joints + ((<usize>a) << 6);
      let top = f64x2.splat(0);
      for (let at: usize = 0; at < 64; at += 16) {
        const share = f64x2.mul(v128.load(joint + at), v128.load(sum + at));
        v128.store(joint + at, share);
        top = most(top, share);
      }
      if (f64x2.extract_lane(top, 0) < LEAST_SHARE && f64x2.extract_lane(top, 1) < LEAST_SHARE) continue;
      const k = <usize>load<i32>(active + ((<usize>a) << 2));
      const cost = addMoments(
        x, means + ((k * d) << 3), d, moments, joint, gap, totals + (k << 4), firsts + ((k * d) << 4), seconds + k * size,
      );
      work += 8 * <f64>cost;
    }
    if (moments !== 1) continue;
    for (let at: usize = 0; at < 64; at += 16)
      v128.store(joints + at, f64x2.mul(v128.load(weights + at), f64x2.sub(f64x2.splat(1), v128.load(fixed + at))));
    const last = <usize>K;
    work += 8 * <f64>addMoments(
      x, means + ((last * d) << 3), d, 3, joints, gap, totals + (last << 4), firsts + ((last * d) << 4), seconds,
    );
  }
  return work;
}
