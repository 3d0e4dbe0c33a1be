import { key, normals } from '@impflow/core';
import { fitScaling, type NumberRows } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const rowsOf = (columns: readonly string[], rows: readonly (readonly number[])[]): NumberRows => ({
  columns,
  rows: rows.length,
  values: rows.flat(),
  source: 'made.csv',
});

describe('fitScaling', () => {
  it('fitScaling returns the mean and the standard deviation of each column', () => {
    expect(
      fitScaling(
        rowsOf(
          ['a', 'b'],
          [
            [1, 10],
            [3, 30],
          ],
        ),
      ),
    ).toEqual({ mean: [2, 20], scale: [1, 10] });
  });

  it('fitScaling counts a row of weight 2 twice, and ignores a row of weight 0', () => {
    const [a, b, c] = Array.from(normals(key(1), 3), (z) => [z]) as [number[], number[], number[]];
    const twice = fitScaling(rowsOf(['a'], [a, a, b]));
    const weighted = fitScaling(rowsOf(['a'], [a, b, [NaN], c]), Float64Array.of(2, 1, 0, 0));
    expect(weighted.mean[0]).toBeCloseTo(twice.mean[0]!, 12);
    expect(weighted.scale[0]).toBeCloseTo(twice.scale[0]!, 12);
  });

  it.each([
    [
      'a constant column',
      [
        [1, 0.25],
        [2, 0.25],
      ],
      'got 0.25 in every row. Leave the column out: b',
    ],
    ['one row', [[1, 4]], 'got 1 in every row. Leave the column out: a'],
    [
      'a gap',
      [
        [1, 4],
        [2, NaN],
      ],
      'got a gap. Fill the missing cell, or leave out its row.',
    ],
  ])('fitScaling refuses %s', (_what, rows, said) => {
    expect(() => fitScaling(rowsOf(['a', 'b'], rows))).toThrow('[tables/fitScaling] Nothing to learn in the column "');
    expect(() => fitScaling(rowsOf(['a', 'b'], rows))).toThrow(said);
  });
});
