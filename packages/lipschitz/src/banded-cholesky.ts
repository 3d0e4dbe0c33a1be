/** Number of rows and columns of a tile. The factorization computes tiles of this size. */
const TILE = 4;

/**
 * Returns whether a symmetric banded matrix is positive definite: whether its Cholesky factorization exists in
 * float64.
 *
 * @remarks The function needs `size * halfBandwidth^2` flops, at about 4 Gflop/s. The function `fill` is called for the
 * rows in order. Only rows within one half-bandwidth of the next row are kept, which takes `8 (halfBandwidth + 4)^2`
 * bytes. If the factorization of `M` exists, then `M + E` is positive definite for some
 * `|E| <= (2 b + 1) (b + 2) eps max M_ii`, where `b` is the half-bandwidth. To prove that `M` itself is positive
 * definite, subtract the bound of `|E|` from the diagonal of `M` first.
 * @param fill Adds the entries `(row, column)` for `column` in `[max(0, row - halfBandwidth), row]` to
 * `into[at + column]`.
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 4.3.5; Higham, Accuracy and Stability, 2nd ed., theorem 10.3.
 */
export const isPositiveDefinite = (
  size: number,
  halfBandwidth: number,
  fill: (row: number, into: Float64Array, at: number) => void,
): boolean => {
  // Four rows form a tile; the stored entries of these rows begin at the same column. The ring buffer holds the tiles
  // within one half-bandwidth.
  const reach = TILE * Math.ceil(halfBandwidth / TILE);
  const stride = reach + TILE;
  const tiles = stride / TILE;
  const ring = new Float64Array(TILE * tiles * stride);
  const placeOf = (row: number): number => ((row / TILE) % tiles) * TILE * stride - row + reach;
  for (let row = 0; row < size; row += TILE) {
    const at = placeOf(row);
    const first = Math.max(0, row - reach);
    ring.fill(0, at + row - reach, at + row - reach + TILE * stride);
    for (let i = 0; i < TILE; i++) {
      if (row + i < size) fill(row + i, ring, at + i * stride);
      // Pad the last tile with rows of the identity matrix.
      else ring[at + i * stride + row + i] = 1;
    }
    for (let column = first; column < row; column += TILE) eliminate(ring, at, placeOf(column), stride, first, column);
    if (!factorize(ring, at, stride, first, row)) return false;
  }
  return true;
};

/**
 * Computes `L_rc = (M_rc - sum_k L_rk L_ck^T) L_cc^-T` for the tile of four rows at `r` and the four columns from
 * `column`.
 */
const eliminate = (ring: Float64Array, r: number, c: number, stride: number, first: number, column: number): void => {
  // One loop computes sixteen sums, so that each loaded entry is used four times.
  let [s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ];
  for (let k = first; k < column; k++) {
    const c0 = ring[c + k]!;
    const c1 = ring[c + k + stride]!;
    const c2 = ring[c + k + 2 * stride]!;
    const c3 = ring[c + k + 3 * stride]!;
    const r0 = ring[r + k]!;
    s00 += r0 * c0;
    s01 += r0 * c1;
    s02 += r0 * c2;
    s03 += r0 * c3;
    const r1 = ring[r + k + stride]!;
    s10 += r1 * c0;
    s11 += r1 * c1;
    s12 += r1 * c2;
    s13 += r1 * c3;
    const r2 = ring[r + k + 2 * stride]!;
    s20 += r2 * c0;
    s21 += r2 * c1;
    s22 += r2 * c2;
    s23 += r2 * c3;
    const r3 = ring[r + k + 3 * stride]!;
    s30 += r3 * c0;
    s31 += r3 * c1;
    s32 += r3 * c2;
    s33 += r3 * c3;
  }
  const at = r + column;
  const pivots = c + column;
  substitute(ring, at, pivots, stride, s00, s01, s02, s03);
  substitute(ring, at + stride, pivots, stride, s10, s11, s12, s13);
  substitute(ring, at + 2 * stride, pivots, stride, s20, s21, s22, s23);
  substitute(ring, at + 3 * stride, pivots, stride, s30, s31, s32, s33);
};

/**
 * Computes one row of a tile of the Cholesky factor: subtracts the sums from the four entries at `at`, then solves with
 * the factor of the diagonal tile at `c`.
 */
const substitute = (
  ring: Float64Array,
  at: number,
  c: number,
  stride: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void => {
  const x0 = (ring[at]! - s0) / ring[c]!;
  const x1 = (ring[at + 1]! - s1 - x0 * ring[c + stride]!) / ring[c + stride + 1]!;
  const x2 =
    (ring[at + 2]! - s2 - x0 * ring[c + 2 * stride]! - x1 * ring[c + 2 * stride + 1]!) / ring[c + 2 * stride + 2]!;
  const x3 =
    (ring[at + 3]! -
      s3 -
      x0 * ring[c + 3 * stride]! -
      x1 * ring[c + 3 * stride + 1]! -
      x2 * ring[c + 3 * stride + 2]!) /
    ring[c + 3 * stride + 3]!;
  ring[at] = x0;
  ring[at + 1] = x1;
  ring[at + 2] = x2;
  ring[at + 3] = x3;
};

/** Computes the Cholesky factor of the diagonal tile. Returns false if a pivot is not positive. */
const factorize = (ring: Float64Array, at: number, stride: number, first: number, row: number): boolean => {
  for (let i = 0; i < TILE; i++) {
    const left = at + i * stride;
    for (let j = 0; j <= i; j++) {
      const right = at + j * stride;
      let sum = ring[left + row + j]!;
      for (let k = first; k < row + j; k++) sum -= ring[left + k]! * ring[right + k]!;
      if (j < i) ring[left + row + j] = sum / ring[right + row + j]!;
      else if (sum > 0) ring[left + row + i] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
};
