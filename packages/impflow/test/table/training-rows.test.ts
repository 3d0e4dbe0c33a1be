import { frameOf } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { expect, it } from 'vitest';
import { splitTable } from '../../src/table/split.ts';
import { trainingRows } from '../../src/table/training-rows.ts';
import { gaussianRows } from '../tables.ts';

/** Returns the mean and the standard deviation of `y`, and the correlation of `x` and `y`. */
const momentsOf = (x: Float64Array, y: Float64Array) => {
  const mean = (of: (i: number) => number): number => x.reduce((sum, _, i) => sum + of(i), 0) / x.length;
  const [mx, my] = [mean((i) => x[i]!), mean((i) => y[i]!)];
  const [sx, sy] = [Math.sqrt(mean((i) => (x[i]! - mx) ** 2)), Math.sqrt(mean((i) => (y[i]! - my) ** 2))];
  return { mean: my, deviation: sy, correlation: mean((i) => (x[i]! - mx) * (y[i]! - my)) / (sx * sy) };
};

/**
 * Fills the gaps of a table, and returns the moments of `x` and `y` over the filled rows. Every third row lacks `y`,
 * which is normal and has the correlation 0.8 with `x`.
 */
const filledBy = async (missing: 'median' | 'impute') => {
  const rows = gaussianRows(3000, 5).map((row, i) => (i % 3 === 0 ? { ...row, y: null } : row));
  const parts = await splitTable({ frame: frameOf(rows, 'rows') }, { key: runKey(0, 'data'), missing });
  const all = trainingRows(parts, { missing, seed: 0 });
  const [x, y] = all.values.columns.map((column) => column.slice(parts.complete.values.rows));
  expect(x!.length).toBeGreaterThan(750);
  expect(all.weights).toHaveLength(all.values.rows);
  return momentsOf(x!, y!);
};

it('cells that are filled by draws have the standard deviation and the correlation of the known cells', async () => {
  const { mean, deviation, correlation } = await filledBy('impute');
  // The tolerances are 4 standard errors for 800 rows: 1 / sqrt(800), 1 / sqrt(1600), (1 - 0.64) / sqrt(800).
  expect(Math.abs(mean)).toBeLessThan(0.142);
  expect(Math.abs(deviation - 1)).toBeLessThan(0.1);
  expect(Math.abs(correlation - 0.8)).toBeLessThan(0.051);
});

it('cells that are filled by the median are all equal', async () => {
  const { mean, deviation } = await filledBy('median');
  expect(Math.abs(mean)).toBeLessThan(0.15);
  expect(deviation).toBeLessThan(1e-12);
});
