// Tables with known drifts: four correlated numbers, one of them skewed, a category on which the numbers depend, and
// gaps in one column.
import { core } from '../bench/library.mjs';

const { fold, key, normals, uniforms } = core;

/**
 * Kinds of drift, with what is named as the cause: one column, or a pair. `size` is the strength, 0 for none.
 *
 * @type {Readonly<Record<string, { cause: readonly string[]; sizes: readonly number[]; unit: string }>>}
 */
export const DRIFTS = {
  none: { cause: [], sizes: [0], unit: '' },
  mean: { cause: ['a'], sizes: [0.1, 0.2, 0.3], unit: 'standard deviations' },
  variance: { cause: ['b'], sizes: [1.1, 1.2, 1.3], unit: 'factor of the standard deviation' },
  correlation: { cause: ['a', 'b'], sizes: [0.5, 0.4, 0.3], unit: 'correlation, 0.6 before' },
  category: { cause: ['kind'], sizes: [0.03, 0.045, 0.06], unit: 'share of a category, 0.02 before' },
  gaps: { cause: ['c'], sizes: [0.07, 0.1, 0.13], unit: 'share of gaps, 0.05 before' },
};

/** Names of the columns, in order. */
export const COLUMNS = ['a', 'b', 'c', 'd', 'kind'];

/**
 * Returns rows. `d` is log-normal and depends on `a`. `c` has gaps. The shares of the kinds are 0.6, 0.38 and 0.02.
 *
 * @param {number} count
 * @param {number} seed
 * @param {{ drift?: string; size?: number }} [how]
 */
export const table = (count, seed, { drift = 'none', size = 0 } = {}) => {
  const [z, u] = [normals(fold(key(seed), 0), 4 * count), uniforms(fold(key(seed), 1), 2 * count)];
  const correlation = drift === 'correlation' ? size : 0.6;
  const rare = drift === 'category' ? size : 0.02;
  const gaps = drift === 'gaps' ? size : 0.05;
  return Array.from({ length: count }, (_, i) => {
    const [z0, z1, z2, z3] = z.subarray(4 * i, 4 * i + 4);
    const kind = u[2 * i] < rare ? 'rare' : u[2 * i] < rare + (0.6 / 0.98) * (1 - rare) ? 'x' : 'y';
    const b = correlation * z0 + Math.sqrt(1 - correlation ** 2) * z1;
    return {
      a: z0 + (drift === 'mean' ? size : 0),
      b: b * (drift === 'variance' ? size : 1),
      c: u[2 * i + 1] < gaps ? null : z2 + (kind === 'y' ? 1 : 0),
      d: Math.exp(0.5 * (0.5 * z0 + z3)),
      kind,
    };
  });
};

/**
 * Returns reference rows and new rows. A pair depends only on its number, its drift and the number of rows.
 *
 * @param {number} pair
 * @param {number} rows
 * @param {{ drift: string; size: number }} how
 */
export const pairOf = (pair, rows, how) => ({
  reference: table(rows, 1000 + 2 * pair),
  rows: table(rows, 1001 + 2 * pair, how),
});
