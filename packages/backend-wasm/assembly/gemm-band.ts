import { madd } from './madd';
import { BAND, PANEL } from './gemm-pack';

/**
 * Computes up to `BAND` rows of `C = addend + A B`. `A(i, k)` is at `a + i aRow + k aColumn`. B is in panels of eight
 * columns, `panel` bytes apart, with rows `bRow` bytes apart. The addend has a stride between its rows (`addRow`) and a
 * stride between its groups of eight columns (`addPanel`). With a stride of 0, all rows or all groups use the same
 * numbers. Tiles that do not fit into C are computed in `tile` (192 bytes) and copied.
 */
export function band(
  a: usize, aRow: usize, aColumn: usize, rows: i32, b: usize, panel: usize, bRow: usize, depth: i32,
  c: usize, cRow: usize, columns: i32, add: usize, addRow: usize, addPanel: usize, tile: usize,
): void {
  for (; columns > 0; columns -= PANEL) {
    if (rows == BAND && columns >= PANEL) product(a, aRow, aColumn, BAND - 1, b, bRow, depth, c, cRow, add, addRow);
    else {
      const width = min(PANEL, columns);
      const row: usize = addRow == 0 ? 0 : 32;
      if (addPanel == 0) product(a, aRow, aColumn, rows - 1, b, bRow, depth, tile, 32, add, 0);
      else {
        copy(add, addRow, tile, 32, row == 0 ? 1 : rows, width);
        product(a, aRow, aColumn, rows - 1, b, bRow, depth, tile, 32, tile, row);
      }
      copy(tile, 32, c, cRow, rows, width);
    }
    b += panel;
    c += 32;
    add += addPanel;
  }
}

/**
 * Computes one tile. The sixth row is computed only in the build with `BAND == 6`. No branch outside the loop may use
 * the accumulators, because engines would then spill them inside the loop.
 */
function product(
  a: usize, aRow: usize, aColumn: usize, last: i32, b: usize, bRow: usize, depth: i32, c: usize, cRow: usize, add: usize, addRow: usize,
): void {
  // If there are fewer rows, the last row is repeated. The results of the repetitions are not used.
  let p0 = a, p1 = a + aRow * <usize>min(1, last), p2 = a + aRow * <usize>min(2, last);
  let p3 = a + aRow * <usize>min(3, last), p4 = a + aRow * <usize>min(4, last), p5 = a + aRow * <usize>last;
  let c00 = v128.load(add), c01 = v128.load(add, 16); add += addRow;
  let c10 = v128.load(add), c11 = v128.load(add, 16); add += addRow;
  let c20 = v128.load(add), c21 = v128.load(add, 16); add += addRow;
  let c30 = v128.load(add), c31 = v128.load(add, 16); add += addRow;
  let c40 = v128.load(add), c41 = v128.load(add, 16); add += addRow;
  let c50 = f32x4.splat(0), c51 = c50;
  if (BAND == 6) { c50 = v128.load(add); c51 = v128.load(add, 16); }
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(p0); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(p1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(p2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(p3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(p4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    if (BAND == 6) { const x5 = v128.load32_splat(p5); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51); p5 += aColumn; }
    p0 += aColumn; p1 += aColumn; p2 += aColumn; p3 += aColumn; p4 += aColumn;
    b += bRow;
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += cRow;
  v128.store(c, c10); v128.store(c, c11, 16); c += cRow;
  v128.store(c, c20); v128.store(c, c21, 16); c += cRow;
  v128.store(c, c30); v128.store(c, c31, 16); c += cRow;
  v128.store(c, c40); v128.store(c, c41, 16); c += cRow;
  if (BAND == 6) { v128.store(c, c50); v128.store(c, c51, 16); }
}

/** Copies rows of up to eight columns. */
export function copy(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    let j: usize = 0;
    if (columns >= 4) {
      v128.store(to, v128.load(from));
      j = 16;
    }
    for (; j < <usize>columns << 2; j += 4) store<f32>(to + j, load<f32>(from + j));
    from += fromRow;
    to += toRow;
  }
}
