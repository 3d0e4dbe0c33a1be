import { band } from './gemm-band';
import { BAND, PANEL, packBands, packPanels } from './gemm-pack';
import { FEW, fewRows, innerProducts, NARROW } from './gemm-narrow';
import { THIN, thin, tiny } from './gemm-thin';

/** Depth and width of one packed block of B: small enough for the second-level cache. */
// @ts-ignore: decorators of AssemblyScript
@inline
const DEPTH: i32 = 256;
// @ts-ignore: decorators of AssemblyScript
@inline
const WIDTH: i32 = 512;

/**
 * Number of bands of a transposed A that are copied together, and the distance between the bands in bytes. The distance
 * spreads the bands over the sets of the cache.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const BANDS: i32 = 22;
// @ts-ignore: decorators of AssemblyScript
@inline
const BAND_BYTES: i32 = DEPTH * BAND * 4 + 64;

/**
 * Largest number of multiplications of a product that is computed without packing, because packing would take longer
 * than the product.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const TINY: i32 = 48;

/** Smallest depth and width at which products with few rows or columns use special kernels. */
// @ts-ignore: decorators of AssemblyScript
@inline
const LONG: i32 = 16;
// @ts-ignore: decorators of AssemblyScript
@inline
const WIDE: i32 = 16;

/**
 * Number of rows of C that are computed with all panels of a thin product before the next rows. These rows stay in the
 * first-level cache.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
const THIN_ROWS: i32 = 24;

/** Smallest number of rows of A for which a B with contiguous rows is packed into panels. */
// @ts-ignore: decorators of AssemblyScript
@inline
const PACKED_ROWS: i32 = 24;

/**
 * Computes the matrix product `C [m, n] = addend + A B` with contiguous C. `A [m, depth]` and `B [depth, n]` have any
 * strides, but one of the two strides must be 4 bytes. A transposed matrix has its strides exchanged. Address `add` is
 * 0 to add nothing, `c` to accumulate (with `addRow = 4 n`), or the address of a bias (with `addRow = 0`). `scratch`
 * has `gemmScratch(depth, n)` bytes.
 * @see Goto, van de Geijn, Anatomy of high-performance matrix multiplication, TOMS 2008
 */
export function gemm(
  a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize, c: usize, m: i32, n: i32, depth: i32,
  add: usize, addRow: usize, scratch: usize,
): void {
  if (m <= 16 && n <= 16 && m * n * depth <= TINY) {
    tiny(a, aRow, aColumn, b, bRow, bColumn, c, m, n, depth, add, addRow);
    return;
  }
  const cRow = <usize>n << 2;
  if (depth >= LONG) {
    if (m <= FEW && bColumn == 4 && n >= WIDE) {
      fewRows(a, aRow, aColumn, m, b, bRow, c, cRow, 4, n, depth, add, addRow, 4, scratch);
      return;
    }
    if (n <= FEW && aRow == 4 && m >= WIDE) {
      fewRows(b, bColumn, bRow, n, a, aColumn, c, 4, cRow, m, depth, add, 4, addRow, scratch);
      return;
    }
    if (n <= NARROW && aColumn == 4 && m >= 4) {
      narrow(a, aRow, b, bRow, bColumn, c, m, n, depth, add, addRow, scratch);
      return;
    }
  }
  const zeros = scratch + 192, bandBuffer = zeros + 32;
  v128.store(zeros, f32x4.splat(0));
  v128.store(zeros, f32x4.splat(0), 16);
  const panels = bandBuffer + BANDS * BAND_BYTES;
  for (let j = 0; j < n; j += WIDTH) {
    const width = min(WIDTH, n - j);
    const cj = c + (<usize>j << 2);
    let k = 0;
    do {
      const d = min(DEPTH, depth - k);
      const bk = b + <usize>k * bRow + <usize>j * bColumn;
      const plain = bColumn == 4 && m < PACKED_ROWS && width % PANEL == 0;
      if (!plain) packPanels(bk, bRow, bColumn, d, width, panels);
      const none = k == 0 && add == 0;
      const addend = k > 0 ? cj : none ? zeros : add + (<usize>j << 2);
      const pitch = k > 0 ? cRow : none ? 0 : addRow;
      const shift: usize = none ? 0 : <usize>PANEL << 2;
      if (depth > 0 && depth <= THIN && !plain && width % PANEL == 0) {
        for (let i = 0; i < m; i += THIN_ROWS) {
          thin(a + <usize>i * aRow, aRow, aColumn, min(THIN_ROWS, m - i), panels, depth, cj + <usize>i * cRow, cRow, width, addend + <usize>i * pitch, pitch, shift);
        }
        break;
      }
      for (let i = 0; i < m; i += BAND) {
        const rows = min(BAND, m - i);
        let ai = a + <usize>i * aRow + <usize>k * aColumn;
        // With few columns, copying a transposed band takes longer than it saves.
        const copied = aColumn != 4 && width > 2 * PANEL;
        if (copied) {
          const member = (i / BAND) % BANDS;
          if (member == 0) packBands(ai, aColumn, min(BANDS * BAND, m - i), d, bandBuffer, BAND_BYTES);
          ai = bandBuffer + member * BAND_BYTES;
        }
        band(
          ai, copied ? 4 : aRow, copied ? <usize>BAND << 2 : aColumn, rows,
          plain ? bk : panels, plain ? <usize>PANEL << 2 : <usize>d << 5, plain ? bRow : <usize>PANEL << 2, d,
          cj + <usize>i * cRow, cRow, width, addend + <usize>i * pitch, pitch, shift, scratch,
        );
      }
      k += DEPTH;
    } while (k < depth);
  }
}

/** Computes inner products. Columns of B that are not contiguous are copied, `DEPTH` elements at a time. */
function narrow(a: usize, aRow: usize, b: usize, bRow: usize, bColumn: usize, c: usize, m: i32, n: i32, depth: i32, add: usize, addRow: usize, scratch: usize): void {
  const cRow = <usize>n << 2;
  if (bRow == 4) {
    innerProducts(a, aRow, b, bColumn, c, cRow, m, n, depth, add, addRow);
    return;
  }
  for (let k = 0; k < depth; k += DEPTH) {
    const d = min(DEPTH, depth - k);
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < d; i++) store<f32>(scratch + (<usize>(j * DEPTH + i) << 2), load<f32>(b + <usize>(k + i) * bRow + <usize>j * bColumn));
    }
    innerProducts(a + (<usize>k << 2), aRow, scratch, DEPTH << 2, c, cRow, m, n, d, k == 0 ? add : c, k == 0 ? addRow : cRow);
  }
}

/** Returns the number of bytes of scratch memory that `gemm` needs. */
export function gemmScratch(depth: i32, n: i32): i32 {
  return 224 + BANDS * BAND_BYTES + min(depth, DEPTH) * (min(n, WIDTH) + PANEL) * 4;
}

/**
 * Computes `count` products of the same shapes. The strides between their matrices are in bytes. With stride 0, all
 * products use the same matrix.
 */
export function gemmBatch(
  count: i32, aStep: usize, bStep: usize, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  c: usize, m: i32, n: i32, depth: i32, add: usize, scratch: usize,
): void {
  for (let i = 0; i < count; i++) {
    gemm(a, aRow, aColumn, b, bRow, bColumn, c, m, n, depth, add, 0, scratch);
    a += aStep;
    b += bStep;
    c += <usize>m * n << 2;
  }
}
