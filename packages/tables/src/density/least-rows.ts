/** From this many rows on, `backend-wasm` uses one kernel for all matrices (`packages/backend-wasm/src/kernels`). */
const MOST_ROWS = 17;
/** From this many rows on, narrow matrices use the same kernel as other matrices. */
const NARROW_ROWS = 4;
/**
 * Products of at most this many multiplications per column have a separate kernel. Every matrix of a flow is at least
 * `2 x dim`.
 */
const SMALL_PRODUCT = 48 / 2;

/**
 * Returns the least number of rows for a call of a flow of this dimension. With at least this many rows, the result of
 * a row does not depend on the number of other rows, to the last bit. Products of few numbers have separate kernels,
 * which round differently.
 */
export const leastRows = (dim: number): number =>
  Math.min(MOST_ROWS, Math.max(NARROW_ROWS, Math.floor(SMALL_PRODUCT / dim) + 1));

/** Adds copies of the last row to rows `[count, size]` until there are at least `least` rows. */
export const paddedRows = (rows: Float32Array, size: number, least: number): Float32Array => {
  if (rows.length >= least * size || size === 0) return rows;
  const out = new Float32Array(least * size);
  out.set(rows);
  for (let at = rows.length; at < out.length; at += size) out.copyWithin(at, rows.length - size, rows.length);
  return out;
};
