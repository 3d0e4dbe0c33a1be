/**
 * Transposes float32 arrays: `out[p, q, c, r] = x[p, q, r, c]`, with strides in bytes. Columns of `x` and rows of `out`
 * are adjacent. The two outer axes have any strides.
 */
export function transpose(
  x: usize, out: usize, rows: i32, rowStride: usize, columns: i32, columnStride: usize,
  count0: i32, in0: usize, out0: usize, count1: i32, in1: usize, out1: usize,
): void {
  for (let p = 0; p < count0; p++, x += in0, out += out0) {
    for (let q = 0; q < count1; q++) {
      const from = x + <usize>q * in1, to = out + <usize>q * out1;
      // Copies 64 columns at a time, whose lines of `out` stay in the cache until they are full.
      for (let c = 0; c < columns; c += 64) plane(from + (<usize>c << 2), rowStride, to + <usize>c * columnStride, columnStride, rows, min(columns - c, 64));
    }
  }
}

/** Transposes a matrix: `out[c, r] = x[r, c]`, with strides in bytes. */
export function plane(x: usize, rowStride: usize, out: usize, columnStride: usize, rows: i32, columns: i32): void {
  for (; rows >= 4; rows -= 4, x += rowStride << 2, out += 16) fourRows(x, rowStride, out, columnStride, columns);
  if (rows >= 2) {
    twoRows(x, x + rowStride, out, columnStride, columns);
    rows -= 2;
    x += rowStride << 1;
    out += 8;
  }
  if (rows === 1) {
    for (let c = 0; c < columns; c++, x += 4, out += columnStride) store<i32>(out, load<i32>(x));
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function fourRows(x0: usize, rowStride: usize, out: usize, columnStride: usize, columns: i32): void {
  let x1 = x0 + rowStride, x2 = x1 + rowStride, x3 = x2 + rowStride;
  for (; columns >= 4; columns -= 4, x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
    const a = v128.load(x0), b = v128.load(x1), c = v128.load(x2), d = v128.load(x3);
    const left01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), right01 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const left23 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), right23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(left01, left23, 0, 2));
    out += columnStride;
    v128.store(out, v128.shuffle<i64>(left01, left23, 1, 3));
    out += columnStride;
    v128.store(out, v128.shuffle<i64>(right01, right23, 0, 2));
    out += columnStride;
    v128.store(out, v128.shuffle<i64>(right01, right23, 1, 3));
    out += columnStride;
  }
  if (columns >= 2) {
    const ab = v128.load64_lane(x1, v128.load64_zero(x0), 1), cd = v128.load64_lane(x3, v128.load64_zero(x2), 1);
    v128.store(out, v128.shuffle<f32>(ab, cd, 0, 2, 4, 6));
    v128.store(out + columnStride, v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
    columns -= 2;
    out += columnStride << 1;
    x0 += 8; x1 += 8; x2 += 8; x3 += 8;
  }
  if (columns === 1) {
    const column = v128.load32_lane(x2, v128.load32_lane(x1, v128.load32_zero(x0), 1), 2);
    v128.store(out, v128.load32_lane(x3, column, 3));
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function twoRows(x0: usize, x1: usize, out: usize, columnStride: usize, columns: i32): void {
  for (; columns >= 4; columns -= 4, x0 += 16, x1 += 16) {
    const a = v128.load(x0), b = v128.load(x1);
    const left = v128.shuffle<f32>(a, b, 0, 4, 1, 5), right = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    v128.store64_lane(out, left, 0);
    out += columnStride;
    v128.store64_lane(out, left, 1);
    out += columnStride;
    v128.store64_lane(out, right, 0);
    out += columnStride;
    v128.store64_lane(out, right, 1);
    out += columnStride;
  }
  for (; columns > 0; columns--, x0 += 4, x1 += 4, out += columnStride) {
    store<i32>(out, load<i32>(x0));
    store<i32>(out, load<i32>(x1), 4);
  }
}
