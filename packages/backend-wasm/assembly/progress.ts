import { madd } from './madd';

/**
 * Updates the progress of the solves of `batch` samples with new iterates; see `sample-progress.ts` of package solvers.
 * Samples have `n` numbers. `active` has one byte per sample.
 */
export function progress(
  active: usize, value: usize, residual: usize, latest: usize, limit: usize, nextValue: usize, nextResidual: usize,
  outValue: usize, outResidual: usize, outTolerance: usize, outLatest: usize, outActive: usize, atol: f32, rtol: f32, batch: i32, n: i32,
): void {
  const bytes = <usize>n << 2;
  for (let b: usize = 0; b < <usize>batch; b++) {
    const at = b << 2;
    const going = load<u8>(active + b) !== 0;
    const now = load<f32>((going ? nextResidual : latest) + at);
    const before = load<f32>(residual + at);
    const better = going && now < before;
    const best = better ? now : before;
    const squares = copyAndSquare((better ? nextValue : value) + b * bytes, outValue + b * bytes, bytes);
    const tolerance = atol + rtol * sqrt<f32>(squares);
    store<f32>(outResidual + at, best);
    store<f32>(outTolerance + at, tolerance);
    store<f32>(outLatest + at, now);
    // A comparison with NaN is false.
    store<u8>(outActive + b, best > tolerance && now < load<f32>(limit + at) ? 1 : 0);
  }
}

/** Copies a row and returns the sum of its squares. */
// @ts-ignore: decorators of AssemblyScript
@inline
function copyAndSquare(from: usize, to: usize, bytes: usize): f32 {
  let at: usize = 0;
  let sum: f32 = 0;
  if (bytes >= 16) {
    let s = f32x4.splat(0), t = s;
    for (; at + 32 <= bytes; at += 32) {
      const x = v128.load(from + at), y = v128.load(from + at, 16);
      v128.store(to + at, x);
      v128.store(to + at, y, 16);
      s = madd(x, x, s);
      t = madd(y, y, t);
    }
    if (at + 16 <= bytes) {
      const x = v128.load(from + at);
      v128.store(to + at, x);
      s = madd(x, x, s);
      at += 16;
    }
    s = f32x4.add(s, t);
    sum = f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  }
  for (; at < bytes; at += 4) {
    const x = load<f32>(from + at);
    store<f32>(to + at, x);
    sum += x * x;
  }
  return sum;
}
