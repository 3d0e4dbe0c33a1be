import { sampleNorm } from './sample-norm';

// Rows of a batch during a solve of F(z) = z + g(z) - h = 0. The active rows, which are still being solved, are
// adjacent in memory: `count` rows, where `index[p]` is the number in the batch of the `p`-th active row. The result of
// a row does not depend on other rows. Loops that compute most elements by vectors and the last elements by scalars use
// no fused multiply-add, so that vectors and scalars give the same bits.

/** Copies rows `from` to `from + count - 1` of `h [B, d]` to `y`, as the first iterates of the active rows. */
export function rootBegin(h: usize, y: usize, index: usize, from: i32, count: i32, d: i32): void {
  memory.copy(y, h + (<usize>(from * d) << 2), <usize>(count * d) << 2);
  for (let p = 0; p < count; p++) store<i32>(index + (<usize>p << 2), from + p);
}

/** Computes `image = F(y) = (y - h) + g` for `count` active rows. */
export function rootImage(y: usize, g: usize, h: usize, index: usize, image: usize, count: i32, d: i32): void {
  for (let p = 0; p < count; p++) {
    const target = h + (<usize>(load<i32>(index + (<usize>p << 2)) * d) << 2);
    for (let j = 0; j < d; j++, y += 4, g += 4, image += 4) store<f32>(image, load<f32>(y) - load<f32>(target + (<usize>j << 2)) + load<f32>(g));
  }
}

/**
 * Updates the results of each row from the iterates `y` and the function values `image`, as the driver of
 * `packages/solvers` does. The results are the best iterate `z [B, d]`, the number of `steps [B]`, and
 * `evidence [4, B]`: residual, tolerance, latest residual and divergence limit. Writes to `going[p]` whether the `p`-th
 * active row continues. If `last` is true, no row continues. Returns the number of rows that continue.
 */
export function rootJudge(
  y: usize, image: usize, index: usize, z: usize, evidence: usize, steps: usize, going: usize,
  atol: f32, rtol: f32, divergence: f32, step: i32, last: bool, count: i32, d: i32, batch: i32,
): i32 {
  const part = <usize>batch << 2, bytes = <usize>d << 2;
  let active = 0;
  for (let p = 0; p < count; p++, y += bytes, image += bytes) {
    const row = <usize>load<i32>(index + (<usize>p << 2));
    const residual = evidence + (row << 2), tolerance = residual + part, latest = tolerance + part, limit = latest + part;
    sampleNorm(image, latest, 1, d);
    const now = load<f32>(latest);
    if (step == 0) store<f32>(limit, divergence * now);
    if (step == 0 || now < load<f32>(residual)) {
      memory.copy(z + row * bytes, y, bytes);
      store<f32>(residual, now);
      sampleNorm(y, tolerance, 1, d);
      store<f32>(tolerance, atol + rtol * load<f32>(tolerance));
    }
    store<f32>(steps + (row << 2), <f32>step);
    // A comparison with NaN is false.
    const goes = !last && load<f32>(residual) > load<f32>(tolerance) && now < load<f32>(limit);
    store<u8>(going + p, goes ? 1 : 0);
    if (goes) active++;
  }
  return active;
}

/** For each row that stops, copies `bytes` bytes from the active rows to the results of the batch. */
export function rootDeliver(from: usize, bytes: usize, index: usize, going: usize, to: usize, count: i32): void {
  for (let p = 0; p < count; p++, from += bytes) {
    if (!load<u8>(going + p)) memory.copy(to + <usize>load<i32>(index + (<usize>p << 2)) * bytes, from, bytes);
  }
}

/**
 * Makes active rows adjacent again: moves the last rows that continue, of `bytes` bytes each, to the memory of rows
 * that stop.
 */
export function rootCompact(rows: usize, bytes: usize, going: usize, count: i32): void {
  for (let p = 0; p < count; p++) {
    if (load<u8>(going + p)) continue;
    do count--; while (count > p && !load<u8>(going + count));
    if (count > p) memory.copy(rows + <usize>p * bytes, rows + <usize>count * bytes, bytes);
  }
}

/** Computes `out = x + factor y` for `n` numbers. */
export function addScaled(x: usize, factor: f32, y: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++, x += 4, y += 4, out += 4) store<f32>(out, load<f32>(x) + factor * load<f32>(y));
}

/**
 * Computes the elementwise products `out[p] = slope[p] w` for `count` active rows of `n` numbers. Each product is the
 * Jacobian of the first layer times a unit vector, where `w` is a column of the first weight.
 */
export function rootSeed(w: usize, slope: usize, out: usize, count: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let p = 0; p < count; p++, slope += bytes, out += bytes) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.mul(v128.load(slope + at), v128.load(w + at)));
    for (; at < bytes; at += 4) store<f32>(out + at, load<f32>(slope + at) * load<f32>(w + at));
  }
}
