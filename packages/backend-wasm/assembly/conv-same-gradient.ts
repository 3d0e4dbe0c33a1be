import { BAND } from './gemm-pack';
import { madd } from './madd';
import { aligned, pad, paddedBytes } from './padded';

/**
 * Number of pixels in a block. The products of a block are summed in registers, and its inputs stay in the first-level
 * cache.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const CHUNK: i32 = 128;

/**
 * Computes the gradient of `<u, x * F>` with respect to the filter `F [kh, kw, n, m]` of `convSame`, for
 * `x [B, h, w, n]` and `u [B, h, w, m]`. Adds the gradient for `further` additional images, with `tangents` in place of
 * `x` and `cotangents` in place of `u`. Copies `lines` lines of images at a time into padded memory. `scratch` has
 * `convSameGradientScratch` bytes.
 */
export function convSameGradient(
  x: usize, u: usize, batch: i32, tangents: usize, cotangents: usize, further: i32, filter: usize, h: i32, w: i32, n: i32, m: i32, kh: i32, kw: i32, lines: i32, scratch: usize,
): void {
  const totals = aligned(scratch), line = lineBytes(kw * n), rest = aligned(totals + totalBytes(kh, line, m));
  memory.fill(totals, 0, totalBytes(kh, line, m));
  accumulate(x, u, batch, h, w, n, m, kh, kw, lines, totals, rest);
  accumulate(tangents, cotangents, further, h, w, n, m, kh, kw, lines, totals, rest);
  for (let ky: usize = 0; ky < <usize>kh; ky++) {
    for (let k: usize = 0; k < <usize>(kw * n); k++) {
      let from = totals + ky * line + (k << 2);
      for (let j = 0; j < m; j++, filter += 4, from += <usize>kh * line) store<f32>(filter, load<f32>(from));
    }
  }
}

export function convSameGradientScratch(h: i32, w: i32, n: i32, m: i32, kh: i32, kw: i32, lines: i32): usize {
  return 256 + totalBytes(kh, lineBytes(kw * n), m) + (<usize>(lines * w + CHUNK * (m + BAND)) << 2) + paddedBytes(lines, h, w, n, kh >> 1, kw >> 1);
}

// The sums have shape `[m, kh, kw n]`. The buffer has space for one additional vector after each line, and for one
// additional band at the end.
// @ts-ignore: decorators of AssemblyScript
@inline
function lineBytes(run: i32): usize { return <usize>((run + 3) & ~3) << 2; }
// @ts-ignore: decorators of AssemblyScript
@inline
function totalBytes(kh: i32, line: usize, m: i32): usize { return <usize>(m + BAND) * <usize>kh * line; }

/**
 * The pixels under one filter line are adjacent in the padded image. These pixels fill the lanes of vectors, which are
 * multiplied by each output.
 */
function accumulate(x: usize, u: usize, batch: i32, h: i32, w: i32, n: i32, m: i32, kh: i32, kw: i32, lines: i32, totals: usize, scratch: usize): void {
  const top = kh >> 1, left = kw >> 1, run = kw * n, line = lineBytes(run), row = <usize>kh * line, wide = <usize>(w + 2 * left) * (<usize>n << 2);
  const table = scratch, padded = aligned(table + <usize>(lines * w << 2)), packed = padded + paddedBytes(lines, h, w, n, top, left);
  for (let first = 0; first < batch * h; first += lines) {
    const last = min(batch * h, first + lines), pixels = (last - first) * w;
    pad(x, padded, table, first, last, h, w, n, top, left);
    for (let i = 0; i < pixels; i += CHUNK) {
      const count = min(CHUNK, pixels - i), from = table + (<usize>i << 2);
      packOutputs(u, m, count, packed);
      u += <usize>(count * m) << 2;
      for (let ky: usize = 0; ky < <usize>kh; ky++) {
        for (let k = 0; k < run; k += 8) {
          const place = ky * wide + (<usize>k << 2), eight = run - k > 4;
          let to = totals + ky * line + (<usize>k << 2), by = packed;
          for (let j = 0; j < m; ) {
            const rows = bandSize(m - j);
            if (eight) {
              if (rows == BAND) convBand8(from, place, by, count, to, row);
              else if (rows == 4) convFour8(from, place, by, count, to, row);
              else convOne8(from, place, by, count, to, row);
            } else {
              if (rows == BAND) convBand4(from, place, by, count, to, row);
              else if (rows == 4) convFour4(from, place, by, count, to, row);
              else convOne4(from, place, by, count, to, row);
            }
            by += <usize>(rows * count) << 2;
            to += <usize>rows * row;
            j += rows;
          }
        }
      }
    }
  }
}

/** Returns the number of outputs to compute in one pass if `rest` outputs remain. */
// @ts-ignore: decorators of AssemblyScript
@inline
function bandSize(rest: i32): i32 { return rest > 4 ? BAND : rest > 1 ? 4 : 1; }

/**
 * Packs the outputs of `count` pixels as bands `[count, rows]`. If a band has too few outputs, the last output is
 * repeated, and the sums of the repetitions are not used.
 */
function packOutputs(u: usize, m: i32, count: i32, to: usize): void {
  for (let j = 0; j < m; ) {
    const rows = bandSize(m - j), last = m - j - 1;
    let from = u + (<usize>j << 2);
    for (let i = 0; i < count; i++, from += <usize>m << 2, to += <usize>rows << 2) {
      if (rows > last + 1) for (let r = 0; r < rows; r++) store<f32>(to + (<usize>r << 2), load<f32>(from + (<usize>min(r, last) << 2)));
      else if (rows == 1) store<f32>(to, load<f32>(from));
      else {
        v128.store(to, v128.load(from));
        if (rows == 5) store<f32>(to, load<f32>(from, 16), 16);
        else if (rows == 6) store<u64>(to, load<u64>(from, 16), 16);
      }
    }
    j += rows;
  }
}

// This function is exported so that the compiler does not inline it. After inlining, engines would spill registers.
export function convBand8(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize): void { tile(table, place, u, count, to, row, BAND, true); }
export function convBand4(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize): void { tile(table, place, u, count, to, row, BAND, false); }
export function convFour8(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize): void { tile(table, place, u, count, to, row, 4, true); }
export function convFour4(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize): void { tile(table, place, u, count, to, row, 4, false); }
export function convOne8(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize): void { tile(table, place, u, count, to, row, 1, true); }
export function convOne4(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize): void { tile(table, place, u, count, to, row, 1, false); }

/**
 * Adds the products of `count` pixels: `rows` outputs by eight numbers of their patches (four if not `eight`). Inlined.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function tile(table: usize, place: usize, u: usize, count: i32, to: usize, row: usize, rows: i32, eight: bool): void {
  const t1 = to + row, t2 = t1 + row, t3 = t2 + row, t4 = t3 + row, t5 = t4 + row;
  let a0 = v128.load(to), b0 = eight ? v128.load(to, 16) : a0, a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0, a4 = a0, b4 = b0, a5 = a0, b5 = b0;
  if (rows > 1) { a1 = v128.load(t1); if (eight) b1 = v128.load(t1, 16); }
  if (rows > 1) { a2 = v128.load(t2); if (eight) b2 = v128.load(t2, 16); a3 = v128.load(t3); if (eight) b3 = v128.load(t3, 16); }
  if (rows > 4) { a4 = v128.load(t4); if (eight) b4 = v128.load(t4, 16); }
  if (rows > 5) { a5 = v128.load(t5); if (eight) b5 = v128.load(t5, 16); }
  const end = table + (<usize>count << 2);
  if (rows == 1) {
    // With one output there is only one sum per vector, so even and odd pixels are summed separately to save time.
    a1 = f32x4.splat(0); b1 = a1;
    for (; table + 4 < end; table += 8, u += 8) {
      const p = <usize>load<u32>(table) + place, q = <usize>load<u32>(table, 4) + place, u0 = v128.load32_splat(u), u1 = v128.load32_splat(u, 4);
      a0 = madd(u0, v128.load(p), a0); if (eight) b0 = madd(u0, v128.load(p, 16), b0);
      a1 = madd(u1, v128.load(q), a1); if (eight) b1 = madd(u1, v128.load(q, 16), b1);
    }
    a0 = f32x4.add(a0, a1); b0 = f32x4.add(b0, b1);
  }
  for (; table < end; table += 4, u += <usize>rows << 2) {
    const p = <usize>load<u32>(table) + place;
    const x = v128.load(p), y = eight ? v128.load(p, 16) : x;
    const u0 = v128.load32_splat(u); a0 = madd(u0, x, a0); if (eight) b0 = madd(u0, y, b0);
    if (rows > 1) { const u1 = v128.load32_splat(u, 4); a1 = madd(u1, x, a1); if (eight) b1 = madd(u1, y, b1); }
    if (rows > 1) { const u2 = v128.load32_splat(u, 8); a2 = madd(u2, x, a2); if (eight) b2 = madd(u2, y, b2); }
    if (rows > 1) { const u3 = v128.load32_splat(u, 12); a3 = madd(u3, x, a3); if (eight) b3 = madd(u3, y, b3); }
    if (rows > 4) { const u4 = v128.load32_splat(u, 16); a4 = madd(u4, x, a4); if (eight) b4 = madd(u4, y, b4); }
    if (rows > 5) { const u5 = v128.load32_splat(u, 20); a5 = madd(u5, x, a5); if (eight) b5 = madd(u5, y, b5); }
  }
  v128.store(to, a0); if (eight) v128.store(to, b0, 16);
  if (rows > 1) { v128.store(t1, a1); if (eight) v128.store(t1, b1, 16); }
  if (rows > 1) { v128.store(t2, a2); if (eight) v128.store(t2, b2, 16); v128.store(t3, a3); if (eight) v128.store(t3, b3, 16); }
  if (rows > 4) { v128.store(t4, a4); if (eight) v128.store(t4, b4, 16); }
  if (rows > 5) { v128.store(t5, a5); if (eight) v128.store(t5, b5, 16); }
}
