/**
 * If a matrix product has at least this many rows, `backend-wasm` uses one kernel for matrices of all sizes
 * (`packages/backend-wasm/src/kernels`).
 */
const ONE_KERNEL_ROWS = 17;
/**
 * If a matrix product has at least this many rows, `backend-wasm` uses the kernel of wide matrices also for narrow
 * matrices.
 */
const NARROW_ROWS = 4;
/**
 * Matrix products with at most 48 multiplications use a separate kernel of `backend-wasm`. The number is divided by 2,
 * because every matrix of a flow has at least `2 x dim` entries.
 */
const SMALL_PRODUCT = 48 / 2;

/**
 * Returns the smallest number of rows with which a flow of this dimension should be called. With at least this many
 * rows, the result of a row is bit-identical for any number of rows. Smaller matrix products use separate kernels,
 * which round differently.
 */
export const leastRows = (dim: number): number =>
  Math.min(ONE_KERNEL_ROWS, Math.max(NARROW_ROWS, Math.floor(SMALL_PRODUCT / dim) + 1));

/** Pads rows `[count, size]` with copies of the last row, so that there are at least `least` rows. */
export const paddedRows = (rows: Float32Array, size: number, least: number): Float32Array => {
  if (rows.length >= least * size || size === 0) return rows;
  const out = new Float32Array(least * size);
  out.set(rows);
  for (let at = rows.length; at < out.length; at += size) out.copyWithin(at, rows.length - size, rows.length);
  return out;
};
