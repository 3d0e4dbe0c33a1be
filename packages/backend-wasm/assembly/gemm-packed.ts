import { band } from './gemm-band';
import { innerProducts, NARROW } from './gemm-narrow';
import { BAND, packPanels, PANEL } from './gemm-pack';
import { THIN, thin } from './gemm-thin';

/**
 * Depth and width of the block of B that is used in one pass over the rows of A. The block is small enough for the
 * second-level cache.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const DEPTH: i32 = 256;
// @ts-ignore: decorators of AssemblyScript
@inline
const WIDTH: i32 = 512;

/** Smallest depth at which products with few columns are computed as inner products. */
// @ts-ignore: decorators of AssemblyScript
@inline
const LONG: i32 = 16;

/**
 * Number of rows of C that are computed with all panels of a thin product before the next rows. These rows stay in the
 * first-level cache.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const THIN_ROWS: i32 = 24;

/** Bytes of `gemmPacked`'s scratch. */
// @ts-ignore: decorators of AssemblyScript
@inline
const TILE_BYTES: usize = 192;

/** Returns whether B is packed as contiguous columns instead of panels. */
// @ts-ignore: decorators of AssemblyScript
@inline
function isNarrow(depth: i32, n: i32): bool {
  return n <= NARROW && depth >= LONG;
}

/** Returns the number of bytes of a packed `B [depth, n]`. */
export function packedBytes(depth: i32, n: i32): i32 {
  return 4 * depth * (isNarrow(depth, n) ? n : (n + PANEL - 1) / PANEL * PANEL);
}

/** Packs `B [depth, n]` for `gemmPacked`. `B(k, j)` is at `b + k bRow + j bColumn`, where one stride is 4 bytes. */
export function packB(b: usize, bRow: usize, bColumn: usize, depth: i32, n: i32, to: usize): void {
  if (!isNarrow(depth, n)) {
    packPanels(b, bRow, bColumn, depth, n, to);
    return;
  }
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < depth; k++, to += 4) store<f32>(to, load<f32>(b + <usize>k * bRow + <usize>j * bColumn));
  }
}

/**
 * Computes `C [m, n] = A B + bias` for contiguous `A [m, depth]` and C, with B from {@link packB}. Without a bias, the
 * address `bias` is 0. `scratch` has 224 bytes. The order of summation depends only on `depth` and `n`. The bits of a
 * row of C therefore depend neither on `m` nor on the other rows.
 */
export function gemmPacked(a: usize, b: usize, c: usize, m: i32, n: i32, depth: i32, bias: usize, scratch: usize): void {
  const aRow = <usize>depth << 2, cRow = <usize>n << 2;
  if (isNarrow(depth, n)) {
    innerProducts(a, aRow, b, aRow, c, cRow, m, n, depth, bias, 0);
    return;
  }
  const zeros = scratch + TILE_BYTES;
  v128.store(zeros, f32x4.splat(0));
  v128.store(zeros, f32x4.splat(0), 16);
  const panelBytes = <usize>depth << 5;
  if (depth <= THIN && n % PANEL == 0) {
    for (let i = 0; i < m; i += THIN_ROWS) {
      thin(a + <usize>i * aRow, aRow, 4, min(THIN_ROWS, m - i), b, depth, c + <usize>i * cRow, cRow, n, bias == 0 ? zeros : bias, 0, bias == 0 ? 0 : <usize>PANEL << 2);
    }
    return;
  }
  for (let j = 0; j < n; j += WIDTH) {
    const width = min(WIDTH, n - j);
    const panels = b + <usize>(j / PANEL) * panelBytes, cj = c + (<usize>j << 2);
    for (let k = 0; k < depth; k += DEPTH) {
      const d = min(DEPTH, depth - k);
      const none = k == 0 && bias == 0;
      const addend = k > 0 ? cj : none ? zeros : bias + (<usize>j << 2);
      const pitch = k > 0 ? cRow : 0;
      const shift: usize = none ? 0 : <usize>PANEL << 2;
      for (let i = 0; i < m; i += BAND) {
        band(
          a + <usize>i * aRow + (<usize>k << 2), aRow, 4, min(BAND, m - i), panels + (<usize>k << 5), panelBytes, <usize>PANEL << 2, d,
          cj + <usize>i * cRow, cRow, width, addend + <usize>i * pitch, pitch, shift, scratch,
        );
      }
    }
  }
}
