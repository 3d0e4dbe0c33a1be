import { madd } from './madd';
import { PANEL } from './gemm-pack';

/** Largest depth for which eight columns of B stay in registers for all rows of A. */
// @ts-ignore: decorators of AssemblyScript
@inline
export const THIN: i32 = 6;

/** Computes `C = addend + A B` for a depth of 1 to 6, from whole packed panels of B. Strides are as in `band`. */
export function thin(
  a: usize, aRow: usize, aColumn: usize, m: i32, b: usize, depth: i32, c: usize, cRow: usize, columns: i32, add: usize, addRow: usize, addPanel: usize,
): void {
  while (depth == 2 && columns >= 2 * PANEL) {
    pairs(a, aRow, aColumn, m, b, c, cRow, add, addRow, addPanel);
    b += 128;
    c += 64;
    add += 2 * addPanel;
    columns -= 2 * PANEL;
  }
  for (; columns > 0; columns -= PANEL) {
    if (depth == 1) rows(a, aRow, aColumn, m, b, 1, c, cRow, add, addRow);
    else if (depth == 2) rows(a, aRow, aColumn, m, b, 2, c, cRow, add, addRow);
    else if (depth == 3) rows(a, aRow, aColumn, m, b, 3, c, cRow, add, addRow);
    else if (depth == 4) rows(a, aRow, aColumn, m, b, 4, c, cRow, add, addRow);
    else if (depth == 5) rows(a, aRow, aColumn, m, b, 5, c, cRow, add, addRow);
    else rows(a, aRow, aColumn, m, b, 6, c, cRow, add, addRow);
    b += <usize>depth << 5;
    c += 32;
    add += addPanel;
  }
}

/**
 * Computes a product of depth 2. Two panels of B stay in registers, so that each row of C is written as whole cache
 * lines.
 */
function pairs(a: usize, aRow: usize, aColumn: usize, m: i32, b: usize, c: usize, cRow: usize, add: usize, addRow: usize, addPanel: usize): void {
  const p0 = v128.load(b), p1 = v128.load(b, 16), p2 = v128.load(b, 64), p3 = v128.load(b, 80);
  const q0 = v128.load(b, 32), q1 = v128.load(b, 48), q2 = v128.load(b, 96), q3 = v128.load(b, 112);
  for (let i = 0; i < m; i++) {
    const x = v128.load32_splat(a), y = v128.load32_splat(a + aColumn);
    v128.store(c, madd(y, q0, madd(x, p0, v128.load(add))));
    v128.store(c, madd(y, q1, madd(x, p1, v128.load(add, 16))), 16);
    v128.store(c, madd(y, q2, madd(x, p2, v128.load(add + addPanel))), 32);
    v128.store(c, madd(y, q3, madd(x, p3, v128.load(add + addPanel, 16))), 48);
    a += aRow;
    c += cRow;
    add += addRow;
  }
}

/** This function is inlined once for each depth, so that the depth is a constant. */
// @ts-ignore: decorators of AssemblyScript
@inline
function rows(a: usize, aRow: usize, aColumn: usize, m: i32, b: usize, depth: i32, c: usize, cRow: usize, add: usize, addRow: usize): void {
  const b00 = v128.load(b), b01 = v128.load(b, 16);
  const b10 = depth > 1 ? v128.load(b, 32) : b00, b11 = depth > 1 ? v128.load(b, 48) : b01;
  const b20 = depth > 2 ? v128.load(b, 64) : b00, b21 = depth > 2 ? v128.load(b, 80) : b01;
  const b30 = depth > 3 ? v128.load(b, 96) : b00, b31 = depth > 3 ? v128.load(b, 112) : b01;
  const b40 = depth > 4 ? v128.load(b, 128) : b00, b41 = depth > 4 ? v128.load(b, 144) : b01;
  const b50 = depth > 5 ? v128.load(b, 160) : b00, b51 = depth > 5 ? v128.load(b, 176) : b01;
  for (let i = 0; i < m; i++) {
    let p = a, x = v128.load32_splat(p);
    let c0 = madd(x, b00, v128.load(add)), c1 = madd(x, b01, v128.load(add, 16));
    if (depth > 1) { p += aColumn; x = v128.load32_splat(p); c0 = madd(x, b10, c0); c1 = madd(x, b11, c1); }
    if (depth > 2) { p += aColumn; x = v128.load32_splat(p); c0 = madd(x, b20, c0); c1 = madd(x, b21, c1); }
    if (depth > 3) { p += aColumn; x = v128.load32_splat(p); c0 = madd(x, b30, c0); c1 = madd(x, b31, c1); }
    if (depth > 4) { p += aColumn; x = v128.load32_splat(p); c0 = madd(x, b40, c0); c1 = madd(x, b41, c1); }
    if (depth > 5) { p += aColumn; x = v128.load32_splat(p); c0 = madd(x, b50, c0); c1 = madd(x, b51, c1); }
    v128.store(c, c0);
    v128.store(c, c1, 16);
    a += aRow;
    c += cRow;
    add += addRow;
  }
}

/** Computes `C = addend + A B` for products with few multiplications, without vectors or copies. */
export function tiny(
  a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize, c: usize, m: i32, n: i32, depth: i32, add: usize, addRow: usize,
): void {
  for (let i = 0; i < m; i++) {
    for (let j: usize = 0; j < <usize>n; j++) {
      let s: f32 = add == 0 ? 0 : load<f32>(add + (j << 2)), p = a, q = b + j * bColumn;
      for (let k = 0; k < depth; k++) {
        s += load<f32>(p) * load<f32>(q);
        p += aColumn;
        q += bRow;
      }
      store<f32>(c, s);
      c += 4;
    }
    a += aRow;
    if (add != 0) add += addRow;
  }
}
