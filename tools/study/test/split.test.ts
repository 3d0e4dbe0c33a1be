// Tests the splits of the study: noise in repeated values, disjoint training, validation and test rows, and equal
// results for equal keys.
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../packages/tables/dist/index.js';
import { anomalyParts, densityParts, gridStep, noiseWidth, toyParts, withNoise } from '../split.mjs';

const key = (seed: number) => ({ high: 0, low: seed });
const rowsOf = ({ columns, rows }: Frame): readonly (readonly number[])[] =>
  Array.from({ length: rows }, (_, row) => columns.map(({ numbers }) => numbers[row]!));
/** Returns a table with columns of tenths, of whole numbers, and of numbers on no grid. */
const table = (rows: number): Frame => {
  const column = (name: string, cell: (row: number) => number) => ({
    name,
    numbers: Float64Array.from({ length: rows }, (_, row) => Math.fround(cell(row))),
  });
  return {
    columns: [
      column('tenths', (row) => (row % 37) / 10),
      column('whole', (row) => row),
      column('free', (row) => Math.sqrt(2 + row) * Math.PI),
    ],
    rows,
    source: 'test',
    place,
  };
};
const place = (row: number): string => `row ${row + 1}`;

describe('the grid step of a column', () => {
  it.each([
    ['whole numbers', [3, 178, -20], 1],
    ['multiples of ten, with the step of whole numbers', [10, 20, 50], 1],
    ['tenths', [14.2, 13, 0.3], 0.1],
    ['decimals of different length', [17.99, 0.1, 122.8], 0.01],
    ['small decimals', [0.09087, 0.1, 0.00005], 1e-5],
    ['a single value', [0], 1],
  ])('%s', (_, values, step) => {
    expect(gridStep(Float32Array.from(values))).toBe(step);
  });

  it.each([
    ['irrational numbers', [Math.PI, Math.E]],
    ['sixtieths', [1 / 60, 7 / 60]],
    ['more digits than float32 holds', [-118.123456, 35.654321]],
  ])('%s, which have no grid', (_, values) => {
    expect(gridStep(Float32Array.from(values))).toBe(0);
  });
});

it('noise is as wide as the grid step; for an atom without a coarse grid, 1/100 of the interquartile range', () => {
  const free = Array.from({ length: 96 }, (_, i) => Math.sqrt(2) * (i + 1));
  expect(noiseWidth(Float32Array.from(free))).toBe(0);
  expect(noiseWidth(Float32Array.from([...free, 0, 0, 0, 0]))).toBe(0);
  expect(noiseWidth(Float32Array.from([...free, 0, 0, 0, 0, 0]))).toBeCloseTo(0.48 * Math.sqrt(2), 1);
  const fine = Array.from({ length: 96 }, (_, i) => (1013 * i + 1) / 1000);
  expect(noiseWidth(Float32Array.from(fine))).toBeCloseTo(1e-3, 12);
  expect(noiseWidth(Float32Array.from([...fine, 0, 0, 0, 0, 0]))).toBeCloseTo(0.486, 1);
  // On a coarse grid, five of 100 rows can have one value by chance.
  expect(noiseWidth(Float32Array.from([...Array.from({ length: 95 }, (_, i) => 5 * i), 7, 7, 7, 7, 7]))).toBe(1);
  expect(noiseWidth(Float32Array.from({ length: 100 }, (_, i) => i % 2))).toBe(1);
  expect(noiseWidth(Float32Array.from({ length: 100 }, () => 7))).toBe(1);
});

it('noise is uniform within a grid step and does not change columns without a grid', () => {
  const raw = table(4000);
  const { table: noisy, steps } = withNoise(raw, key(1));
  expect(steps).toEqual({ tenths: 0.1, whole: 1 });
  const before = rowsOf(raw);
  const shares = rowsOf(noisy).map((row, i) => row.map((value, j) => value - before[i]![j]!));
  expect(shares.every(([, , free]) => free === 0)).toBe(true);
  for (const [j, step] of [
    [0, 0.1],
    [1, 1],
  ] as const) {
    const u = shares.map((row) => row[j]! / step);
    expect(Math.min(...u)).toBeGreaterThan(-1e-4);
    expect(Math.max(...u)).toBeLessThan(1 + 1e-3);
    // Four standard errors.
    expect(Math.abs(u.reduce((sum, x) => sum + x, 0) / 4000 - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 4000));
  }
});

it('a step that the data set declares replaces the step that is found', () => {
  expect(withNoise(table(10), key(1), { free: 0.25 }).steps).toEqual({ tenths: 0.1, whole: 1, free: 0.25 });
});

it('a split for a density has 80, 10 and 10 % of the rows without overlap, and depends on the key', () => {
  const raw = table(200);
  const parts = densityParts(raw, key(3));
  expect([parts.train.rows, parts.validation.rows, parts.test.rows]).toEqual([160, 20, 20]);
  const whole = [parts.train, parts.validation, parts.test].flatMap((part) =>
    rowsOf(part).map(([, value]) => Math.floor(value!)),
  );
  expect(whole.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(rowsOf(densityParts(raw, key(3)).test)).toEqual(rowsOf(parts.test));
  expect(rowsOf(densityParts(raw, key(4)).test)).not.toEqual(rowsOf(parts.test));
});

it('rows of a held-out class are only in the test rows, after all normal rows', () => {
  const raw = table(100);
  const labels = Array.from({ length: 100 }, (_, i) => i % 4);
  const { train, validation, test, normal } = anomalyParts(raw, labels, 2, key(5));
  const classes = (part: typeof train): readonly number[] => rowsOf(part).map(([, value]) => Math.floor(value!) % 4);
  expect([train.rows, validation.rows, normal, test.rows]).toEqual([52, 8, 15, 40]);
  expect([...classes(train), ...classes(validation), ...classes(test).slice(0, normal)]).not.toContain(2);
  expect(classes(test).slice(normal)).toEqual(Array.from({ length: 25 }, () => 2));
});

it('training, validation and test rows of a toy density are drawn with different keys', () => {
  const asked: string[] = [];
  const parts = toyParts(
    {
      name: 'toy',
      sample: ({ high, low }, rows) => {
        asked.push(`${high} ${low}`);
        return new Float32Array(2 * rows);
      },
    },
    key(0),
  );
  expect([parts.train.rows, parts.validation.rows, parts.test.rows]).toEqual([20_000, 2000, 20_000]);
  expect(new Set(asked).size).toBe(3);
});
