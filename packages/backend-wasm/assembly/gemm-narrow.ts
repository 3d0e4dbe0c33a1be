import { madd } from './madd';

/** Largest number of columns of a product that is computed as inner products. */
// @ts-ignore: decorators of AssemblyScript
@inline
export const NARROW: i32 = 4;

/**
 * Computes `C = addend + A B` with contiguous rows of `A [m, depth]` and a few contiguous columns of `B [depth, n]`,
 * `bColumn` bytes apart. Computes inner products of four rows and two columns at a time. `addRow` is the stride of the
 * addend's rows.
 */
export function innerProducts(
  a: usize, aRow: usize, b: usize, bColumn: usize, c: usize, cRow: usize, m: i32, n: i32, depth: i32, add: usize, addRow: usize,
): void {
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 2) {
      const at = <usize>j << 2, from = b + <usize>j * bColumn;
      four(a, aRow, min(3, m - i - 1), from, from + (j + 1 < n ? bColumn : 0), j + 1 < n, depth, c + at, cRow, add == 0 ? 0 : add + at, addRow);
    }
    a += aRow << 2;
    c += cRow << 2;
    if (add != 0) add += addRow << 2;
  }
}

/**
 * Four rows are computed together. If there are fewer rows, the last row is repeated, and the results of the
 * repetitions are not used.
 */
function four(a: usize, aRow: usize, last: i32, b: usize, d: usize, both: bool, depth: i32, c: usize, cRow: usize, add: usize, addRow: usize): void {
  const p0 = a, p1 = a + aRow * <usize>min(1, last), p2 = a + aRow * <usize>min(2, last), p3 = a + aRow * <usize>last;
  let b0 = f32x4.splat(0), b1 = b0, b2 = b0, b3 = b0, d0 = b0, d1 = b0, d2 = b0, d3 = b0;
  const whole: usize = (<usize>depth << 2) & ~15;
  let k: usize = 0;
  for (; k < whole; k += 16) {
    const x = v128.load(b + k), y = v128.load(d + k);
    const v0 = v128.load(p0 + k); b0 = madd(v0, x, b0); d0 = madd(v0, y, d0);
    const v1 = v128.load(p1 + k); b1 = madd(v1, x, b1); d1 = madd(v1, y, d1);
    const v2 = v128.load(p2 + k); b2 = madd(v2, x, b2); d2 = madd(v2, y, d2);
    const v3 = v128.load(p3 + k); b3 = madd(v3, x, b3); d3 = madd(v3, y, d3);
  }
  let first = sums(b0, b1, b2, b3), second = sums(d0, d1, d2, d3);
  for (; k < <usize>depth << 2; k += 4) {
    const v = f32x4(load<f32>(p0 + k), load<f32>(p1 + k), load<f32>(p2 + k), load<f32>(p3 + k));
    first = madd(v, v128.load32_splat(b + k), first);
    second = madd(v, v128.load32_splat(d + k), second);
  }
  put(f32x4.extract_lane(first, 0), f32x4.extract_lane(second, 0), both, c, add);
  if (last > 0) put(f32x4.extract_lane(first, 1), f32x4.extract_lane(second, 1), both, c + cRow, add == 0 ? 0 : add + addRow);
  if (last > 1) put(f32x4.extract_lane(first, 2), f32x4.extract_lane(second, 2), both, c + 2 * cRow, add == 0 ? 0 : add + 2 * addRow);
  if (last > 2) put(f32x4.extract_lane(first, 3), f32x4.extract_lane(second, 3), both, c + 3 * cRow, add == 0 ? 0 : add + 3 * addRow);
}

// @ts-ignore: decorators of AssemblyScript
@inline
function put(first: f32, second: f32, both: bool, c: usize, add: usize): void {
  store<f32>(c, add == 0 ? first : first + load<f32>(add));
  if (both) store<f32>(c, add == 0 ? second : second + load<f32>(add, 4), 4);
}

/** Returns the sums of the four vectors, one sum per lane. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** Number of columns in a tile of a product with few rows. */
// @ts-ignore: decorators of AssemblyScript
@inline
const ACROSS: i32 = 16;

/** Largest number of rows of a product that is computed as sums of rows of B. */
// @ts-ignore: decorators of AssemblyScript
@inline
export const FEW: i32 = 2;

/**
 * Computes `C = addend + A B` with one or two rows of `A` and contiguous rows of `B [depth, n]`, `n` at least 16, as
 * sums of rows of B. A, C and the addend can have any strides. So a product with two columns can be computed by this
 * function as its transpose. `tile` has 128 bytes.
 */
export function fewRows(
  a: usize, aRow: usize, aColumn: usize, m: i32, b: usize, bRow: usize, c: usize, cRow: usize, cColumn: usize, n: i32, depth: i32,
  add: usize, addRow: usize, addColumn: usize, tile: usize,
): void {
  const second = a + (m > 1 ? aRow : 0);
  for (let next = 0; next < n; next += ACROSS) {
    // The last tile may overlap the tile before it. The tile then computes some columns again and does not store them.
    const j = min(next, n - ACROSS);
    across(a, second, aColumn, b + (<usize>j << 2), bRow, depth, tile);
    for (let i = 0; i < m; i++) {
      for (let k = next; k < j + ACROSS; k++) {
        const value = load<f32>(tile + (<usize>(i * ACROSS + k - j) << 2));
        const from = add + <usize>i * addRow + <usize>k * addColumn;
        store<f32>(c + <usize>i * cRow + <usize>k * cColumn, add == 0 ? value : value + load<f32>(from));
      }
    }
  }
}

function across(p: usize, q: usize, step: usize, b: usize, bRow: usize, depth: i32, tile: usize): void {
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
  for (let k = 0; k < depth; k++) {
    const x = v128.load32_splat(p), y = v128.load32_splat(q);
    const v0 = v128.load(b); x0 = madd(x, v0, x0); y0 = madd(y, v0, y0);
    const v1 = v128.load(b, 16); x1 = madd(x, v1, x1); y1 = madd(y, v1, y1);
    const v2 = v128.load(b, 32); x2 = madd(x, v2, x2); y2 = madd(y, v2, y2);
    const v3 = v128.load(b, 48); x3 = madd(x, v3, x3); y3 = madd(y, v3, y3);
    p += step;
    q += step;
    b += bRow;
  }
  v128.store(tile, x0); v128.store(tile, x1, 16); v128.store(tile, x2, 32); v128.store(tile, x3, 48);
  v128.store(tile, y0, 64); v128.store(tile, y1, 80); v128.store(tile, y2, 96); v128.store(tile, y3, 112);
}
