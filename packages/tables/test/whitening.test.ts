import { key, normals } from '@impflow/core';
import { fitScaling, fitWhitening, type NumberRows } from '@impflow/tables';
import { expect, it } from 'vitest';

const tableOf = (rows: number, columns: number, values: Float64Array): NumberRows => ({
  columns: Array.from({ length: columns }, (_, j) => `x${j}`),
  rows,
  values: new Float32Array(values),
  source: 'test',
});

/** Returns random rows whose columns are correlated. */
const correlated = (rows: number, columns: number): NumberRows => {
  const [own, shared] = [normals(key(1), rows * columns), normals(key(2), rows)];
  return tableOf(
    rows,
    columns,
    own.map((z, at) => 3 * (z + 2 * shared[Math.floor(at / columns)]!) + (at % columns)),
  );
};

/** Returns `L^-1 (x - mean) / scale` for each row `x`. */
const whitened = (table: NumberRows): readonly Float64Array[] => {
  const scaling = fitScaling(table);
  const { factor } = fitWhitening(table, scaling);
  const d = table.columns.length;
  return Array.from({ length: table.rows }, (_, r) => {
    const z = new Float64Array(d);
    for (let i = 0; i < d; i++) {
      let sum = (table.values[r * d + i]! - scaling.mean[i]!) / scaling.scale[i]!;
      for (let j = 0; j < i; j++) sum -= factor[i]![j]! * z[j]!;
      z[i] = sum / factor[i]![i]!;
    }
    return z;
  });
};

it('with many rows, whitened columns are uncorrelated and have variance 1', () => {
  const z = whitened(correlated(20_000, 3));
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      expect(z.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / z.length).toBeCloseTo(Number(i === j), 1);
});

it('the shrinkage of fitWhitening agrees with sklearn.covariance.LedoitWolf(assume_centered=True) of scikit-learn', () => {
  // The table is deterministic, so that the reference can be computed again in Python: x_rj = sin(1 + 3 r + 7 j + r j).
  const [rows, columns] = [12, 5];
  const table = tableOf(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, (_, at) =>
      Math.sin(1 + 3 * Math.floor(at / columns) + 7 * (at % columns) + Math.floor(at / columns) * (at % columns)),
    ),
  );
  const { shrinkage, factor } = fitWhitening(table, fitScaling(table));
  expect(shrinkage).toBeCloseTo(0.8343371, 5);
  const last = factor.at(-1)!;
  expect(last.reduce((sum, entry) => sum + entry ** 2, 0)).toBeCloseTo(1, 5);
});

it('the shrunken covariance is invertible even if there are fewer rows than columns', () => {
  const { factor, shrinkage } = fitWhitening(correlated(8, 12), fitScaling(correlated(8, 12)));
  expect(shrinkage).toBeGreaterThan(0.05);
  expect(Math.min(...factor.map((row, i) => row[i]!))).toBeGreaterThan(0.1);
});
