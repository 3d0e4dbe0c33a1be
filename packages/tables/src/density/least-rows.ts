/** Rows of a product from which on `backend-wasm` has one kernel for all matrices (`packages/backend-wasm/src/kernels`). */
const MOST_ROWS = 17;
/** Rows from which on narrow matrices have the kernel of the others. */
const NARROW_ROWS = 4;
/** Multiplications of a product up to which it has a kernel of its own, per column: no matrix is smaller than `2 x dim`. */
const SMALL_PRODUCT = 48 / 2;

/**
 * Fewest rows of a call of a flow of this dimension, so that the bits of a row do not depend on how many others there
 * are: products of few numbers have kernels of their own, which round differently.
 */
export const leastRows = (dim: number): number =>
  Math.min(MOST_ROWS, Math.max(NARROW_ROWS, Math.floor(SMALL_PRODUCT / dim) + 1));

/** Rows `[count, size]`, completed by copies of the last one to at least `least`. */
export const paddedRows = (rows: Float32Array, size: number, least: number): Float32Array => {
  if (rows.length >= least * size || size === 0) return rows;
  const out = new Float32Array(least * size);
  out.set(rows);
  for (let at = rows.length; at < out.length; at += size) out.copyWithin(at, rows.length - size, rows.length);
  return out;
};
