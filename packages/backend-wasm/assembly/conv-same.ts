import { copy } from './gemm-band';
import { sums } from './gemm-narrow';
import { BAND, PANEL, packPanels } from './gemm-pack';
import { madd } from './madd';
import { aligned, pad, paddedBytes } from './padded';

// Convolutions of stride 1 with zero padding, as products with a matrix of patches that is never stored. Patches are
// read from the padded image, where the offsets from a pixel to the numbers of its patch are the same for all pixels.

/** Largest number of outputs beyond whole panels that are computed as inner products. */
// @ts-ignore: decorators of AssemblyScript
@inline
const FEW: i32 = 4;

/**
 * Convolves `x [B, h, w, n]` with `filter [kh, kw, n, m]` into `out [B, h, w, m]`. `kh` and `kw` are odd. Without a
 * bias, pass the address 0 as `bias`. With `transposed`, computes the adjoint of the convolution with
 * `filter [kh, kw, m, n]`: the convolution with the taps in reverse order. Copies `lines` lines of images at a time
 * into padded memory. `scratch` has `convSameScratch` bytes.
 */
export function convSame(
  x: usize, filter: usize, bias: usize, out: usize, batch: i32, h: i32, w: i32, n: i32, m: i32, kh: i32, kw: i32, transposed: bool, lines: i32, scratch: usize,
): void {
  const depth = kh * kw * n, top = kh >> 1, left = kw >> 1, cRow = <usize>m << 2;
  const wide = panelled(n, m);
  const tile = aligned(scratch), add = tile + 192, panels = aligned(add + <usize>(m + PANEL << 2)), columns = panels + <usize>(wide + PANEL) * <usize>(depth << 2);
  const places = columns + <usize>FEW * <usize>(depth << 2), table = places + <usize>(depth << 2), padded = aligned(table + <usize>(lines * w + BAND << 2));
  memory.fill(add, 0, <usize>(m + PANEL) << 2);
  if (bias != 0) memory.copy(add, bias, cRow);
  pack(filter, n, m, kh * kw, transposed, wide, panels, columns);
  for (let ky = 0, to = places; ky < kh; ky++) {
    for (let k = 0; k < kw * n; k++, to += 4) store<u32>(to, <u32>((ky * (w + 2 * left) * n + k) << 2));
  }
  for (let first = 0; first < batch * h; first += lines) {
    const last = min(batch * h, first + lines), pixels = (last - first) * w;
    pad(x, padded, table, first, last, h, w, n, top, left);
    for (let i = 0, c = out; i < pixels; i += BAND, c += <usize>BAND * cRow) {
      const rows = min(BAND, pixels - i), at = table + (<usize>i << 2);
      for (let j = 0, b = panels; j < wide; j += PANEL, b += <usize>depth << 5) {
        const to = c + (<usize>j << 2), by = add + (<usize>j << 2);
        if (rows == BAND && wide - j >= PANEL) product(at, rows - 1, places, b, depth, to, cRow, by);
        else {
          product(at, rows - 1, places, b, depth, tile, 32, by);
          copy(tile, 32, to, cRow, rows, min(PANEL, wide - j));
        }
      }
    }
    for (let j = wide, b = columns; j < m; j += 2, b += <usize>depth << 3) inner(table, pixels, places, b, depth, out + (<usize>j << 2), cRow, j + 1 < m, add + (<usize>j << 2));
    out += <usize>pixels * cRow;
  }
}

/**
 * Returns the number of outputs that are computed by panels. If at most `FEW` outputs remain, they are
 * computed as inner products, which need a multiple of four input channels. For another number of input channels, all
 * outputs are computed by panels.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function panelled(n: i32, m: i32): i32 {
  const rest = m % PANEL;
  return n % 4 == 0 && rest <= FEW ? m - rest : m;
}

export function convSameScratch(h: i32, w: i32, n: i32, m: i32, kh: i32, kw: i32, lines: i32): usize {
  return 512 + (<usize>(m + PANEL + (m + PANEL + FEW + 1) * kh * kw * n + lines * w + BAND) << 2) + paddedBytes(lines, h, w, n, kh >> 1, kw >> 1);
}

/**
 * Packs the first `wide` outputs as panels `[depth, 8]`, the others in pairs `[depth / 4, 2, 4]`, with zeros in place
 * of a missing output.
 */
function pack(filter: usize, n: i32, m: i32, taps: i32, transposed: bool, wide: i32, panels: usize, pairs: usize): void {
  const row: usize = transposed ? 4 : <usize>m << 2, column: usize = transposed ? <usize>n << 2 : 4;
  const step = transposed ? -<isize>(n * m << 2) : <isize>(n * m << 2), begin = transposed ? filter + <usize>((taps - 1) * n * m << 2) : filter;
  for (let j = 0; j < wide; j += PANEL) {
    for (let t = 0, tap = begin; t < taps; t++, tap += step, panels += <usize>n << 5) packPanels(tap + <usize>j * column, row, column, n, min(PANEL, wide - j), panels);
  }
  for (let j = wide; j < m; j += 2) {
    for (let t = 0, tap = begin; t < taps; t++, tap += step) {
      let from = tap + <usize>j * column;
      for (let k = 0; k < n; k++, from += row) {
        store<f32>(pairs, load<f32>(from));
        store<f32>(pairs, j + 1 < m ? load<f32>(from + column) : 0, 16);
        pairs += k % 4 == 3 ? 20 : 4;
      }
    }
  }
}

/**
 * Computes a tile: eight outputs of the pixels of a band. If there are too few pixels for a band, the last pixel
 * is computed repeatedly, and the additional results are not used.
 */
function product(table: usize, last: i32, places: usize, b: usize, depth: i32, c: usize, cRow: usize, add: usize): void {
  const p0 = patch(table, 0), p1 = patch(table, min(1, last)), p2 = patch(table, min(2, last)), p3 = patch(table, min(3, last)), p4 = patch(table, min(4, last)), p5 = patch(table, last);
  const first = v128.load(add), second = v128.load(add, 16);
  let c00 = first, c01 = second, c10 = first, c11 = second, c20 = first, c21 = second, c30 = first, c31 = second, c40 = first, c41 = second, c50 = first, c51 = second;
  const end = places + (<usize>depth << 2);
  for (; places < end; places += 4, b += 32) {
    const at = <usize>load<u32>(places);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(p0 + at); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(p1 + at); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(p2 + at); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(p3 + at); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(p4 + at); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    if (BAND == 6) { const x5 = v128.load32_splat(p5 + at); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51); }
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += cRow;
  v128.store(c, c10); v128.store(c, c11, 16); c += cRow;
  v128.store(c, c20); v128.store(c, c21, 16); c += cRow;
  v128.store(c, c30); v128.store(c, c31, 16); c += cRow;
  v128.store(c, c40); v128.store(c, c41, 16); c += cRow;
  if (BAND == 6) { v128.store(c, c50); v128.store(c, c51, 16); }
}

/**
 * Computes two adjacent outputs of all pixels (one if not `both`), as inner products of four patches with two filter
 * columns. With more outputs at a time, engines spill registers.
 */
function inner(table: usize, pixels: i32, places: usize, columns: usize, depth: i32, c: usize, cRow: usize, both: bool, add: usize): void {
  const end = places + (<usize>depth << 2), b0 = load<f32>(add), b1 = load<f32>(add, 4);
  for (let i = 0; i < pixels; i += 4, table += 16) {
    const last = min(3, pixels - i - 1);
    const p0 = patch(table, 0), p1 = patch(table, min(1, last)), p2 = patch(table, min(2, last)), p3 = patch(table, last);
    let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
    for (let place = places, b = columns; place < end; place += 16, b += 32) {
      const at = <usize>load<u32>(place), f = v128.load(b), g = v128.load(b, 16);
      const v0 = v128.load(p0 + at); x0 = madd(v0, f, x0); y0 = madd(v0, g, y0);
      const v1 = v128.load(p1 + at); x1 = madd(v1, f, x1); y1 = madd(v1, g, y1);
      const v2 = v128.load(p2 + at); x2 = madd(v2, f, x2); y2 = madd(v2, g, y2);
      const v3 = v128.load(p3 + at); x3 = madd(v3, f, x3); y3 = madd(v3, g, y3);
    }
    const x = f32x4.add(sums(x0, x1, x2, x3), f32x4.splat(b0)), y = f32x4.add(sums(y0, y1, y2, y3), f32x4.splat(b1));
    put(f32x4.extract_lane(x, 0), f32x4.extract_lane(y, 0), both, c); c += cRow;
    if (last > 0) { put(f32x4.extract_lane(x, 1), f32x4.extract_lane(y, 1), both, c); c += cRow; }
    if (last > 1) { put(f32x4.extract_lane(x, 2), f32x4.extract_lane(y, 2), both, c); c += cRow; }
    if (last > 2) { put(f32x4.extract_lane(x, 3), f32x4.extract_lane(y, 3), both, c); c += cRow; }
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function put(first: f32, second: f32, both: bool, c: usize): void {
  store<f32>(c, first);
  if (both) store<f32>(c, second, 4);
}

/** Returns the address of the patch of a pixel. */
// @ts-ignore: decorators of AssemblyScript
@inline
function patch(table: usize, pixel: i32): usize { return <usize>load<u32>(table + (<usize>pixel << 2)); }
