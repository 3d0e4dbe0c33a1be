/**
 * Number of rows in a band of A. Six rows and eight columns of B need 12 accumulators, two vectors of B and one element
 * of A. Together these use the 15 registers that engines provide. Without fused multiply-add each product needs an
 * additional register, so a band has one row less.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export const BAND: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
// @ts-ignore: decorators of AssemblyScript
@inline
export const PANEL: i32 = 8;

/**
 * Packs `depth` rows of B from `b` on, `columns` wide, as panels of eight columns: `[panels, depth, 8]`, with zeros
 * after the last column. `B(k, j)` is at `b + k row + j column`, where one of the strides is 4 bytes.
 */
export function packPanels(b: usize, row: usize, column: usize, depth: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += PANEL) {
    const from = b + <usize>j * column;
    if (columns - j < PANEL) packTail(from, row, column, depth, columns - j, to);
    else if (column == 4) packRows(from, row, depth, to);
    else packColumns(from, column, depth, to);
    to += <usize>depth << 5;
  }
}

function packRows(from: usize, row: usize, depth: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += row;
    to += 32;
  }
}

function packColumns(from: usize, column: usize, depth: i32, to: usize): void {
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    transpose(from, column, to);
    transpose(from + (column << 2), column, to + 16);
    from += 16;
    to += 128;
  }
  packTail(from, 4, column, depth - k, PANEL, to);
}

/** Transposes four columns of four elements into four rows, 32 bytes apart. */
// @ts-ignore: decorators of AssemblyScript
@inline
function transpose(from: usize, column: usize, to: usize): void {
  const a = v128.load(from), b = v128.load(from + column), c = v128.load(from + 2 * column), d = v128.load(from + 3 * column);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(AB, CD, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(AB, CD, 1, 3), 96);
}

function packTail(from: usize, row: usize, column: usize, depth: i32, columns: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < PANEL; j++) store<f32>(to + (<usize>j << 2), j < columns ? load<f32>(from + <usize>j * column) : 0);
    from += row;
    to += 32;
  }
}

/**
 * Packs `depth` columns and `rows` rows of a transposed A as bands `[depth, BAND]`, `band` bytes apart. If the last
 * band has fewer rows, its last row is repeated. A is read in the order of memory, because its columns are far apart.
 */
export function packBands(a: usize, column: usize, rows: i32, depth: i32, to: usize, band: usize): void {
  const whole = rows / BAND, rest = rows % BAND;
  for (let k = 0; k < depth; k++) {
    let from = a, at = to;
    for (let i = 0; i < whole; i++) {
      v128.store(at, v128.load(from));
      if (BAND == 6) store<u64>(at, load<u64>(from, 16), 16);
      else store<f32>(at, load<f32>(from, 16), 16);
      from += <usize>BAND << 2;
      at += band;
    }
    if (rest > 0) for (let i = 0; i < BAND; i++) store<f32>(at + (<usize>i << 2), load<f32>(from + (<usize>min(i, rest - 1) << 2)));
    a += column;
    to += <usize>BAND << 2;
  }
}
