import { normals, type Key } from '@impflow/core';

/**
 * Returns rows `[n, 2]` plus Gaussian noise. `deviations` are the standard deviations of the noise in the two columns.
 * If both standard deviations are 0, returns the rows unchanged.
 */
export const disturbed = (rows: Float32Array, deviations: readonly [number, number], key: Key): Float32Array => {
  if (deviations[0] === 0 && deviations[1] === 0) return rows;
  const noise = normals(key, rows.length);
  return rows.map((value, i) => value + deviations[i % 2 === 0 ? 0 : 1] * noise[i]!);
};
