/**
 * Fewest rows of a call of a flow of this dimension, so that the bits of a row do not depend on how many others there
 * are. Products of few numbers have kernels of their own in `backend-wasm`, which round differently: those of at most
 * 48 multiplications in at most 16 rows, and those of fewer than 4 rows by narrow matrices. No matrix of a flow that
 * has inner sums is smaller than `2 x dim`.
 */
export const leastRows = (dim: number): number => Math.min(17, Math.max(4, Math.floor(24 / dim) + 1));

/** Rows `[count, size]`, completed by copies of the last one to at least `least`. */
export const paddedRows = (rows: Float32Array, size: number, least: number): Float32Array => {
  if (rows.length >= least * size || size === 0) return rows;
  const out = new Float32Array(least * size);
  out.set(rows);
  for (let at = rows.length; at < out.length; at += size) out.copyWithin(at, rows.length - size, rows.length);
  return out;
};
