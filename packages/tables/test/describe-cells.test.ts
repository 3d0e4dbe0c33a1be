import { frameOf, describeCells, type CellSummary } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const summary = (cells: readonly unknown[]): CellSummary =>
  describeCells(
    frameOf(
      cells.map((x) => ({ x })),
      'rows',
    ).columns[0]!,
  );

describe('describeCells', () => {
  it.each([
    ['numbers', [3, 1, 1, null], { kind: 'numbers', gaps: 1, distinct: 2, min: 1, max: 3, frequent: ['1', '3'] }],
    ['texts', ['b', 'a', 'a', 'c', 'd', ''], { kind: 'texts', gaps: 1, distinct: 4, frequent: ['a', 'b', 'c'] }],
    [
      'dates in two formats, and marks',
      ['2020-01-31', '13.04.2019', '-', '2020-01-31', '14.04.2019'],
      { kind: 'dates', gaps: 1, distinct: 3, min: '2019-04-13', max: '2020-01-31' },
    ],
    [
      'times',
      ['2020-01-31 10:00', '2020-01-31 09:30'],
      { kind: 'dates', gaps: 0, min: '2020-01-31T09:30:00Z', max: '2020-01-31T10:00:00Z' },
    ],
    ['numbers and texts', [1, 'x', 2], { kind: 'mixed', gaps: 0, distinct: 3, min: 1, max: 2 }],
    ['dates with an ambiguous order of day and month', ['01/02/2020', '03/04/2020'], { kind: 'texts', distinct: 2 }],
    [
      'amounts of money, and marks',
      ['$1,234.50', '-', '$7', '$7'],
      // A dash among amounts is 0, as in a spreadsheet.
      { kind: 'numbers', gaps: 0, distinct: 3, min: 0, max: 1234.5, frequent: ['$7', '$1,234.50', '-'] },
    ],
    ['zip codes', ['01234', '1234'], { kind: 'numbers', distinct: 2, min: 1234, max: 1234 }],
  ])('describeCells returns the statistics of %s', (_what, cells, expected) => {
    expect(summary(cells)).toMatchObject(expected);
  });

  it('describeCells returns mean and standard deviation of numbers, and resolution and atom of repeated numbers', () => {
    expect(summary([1, 2, 4, 5])).toMatchObject({ mean: 3, standardDeviation: Math.sqrt(2.5) });
    expect(summary([1, 2, 4, 5])).not.toHaveProperty('resolution');
    const time = 1_600_000_000;
    expect(summary(Array.from({ length: 40 }, (_, i) => time + (i % 4)))).toMatchObject({
      min: time,
      max: time + 3,
      mean: time + 1.5,
      resolution: 1,
      atom: { value: time, share: 0.25 },
    });
    expect(summary(['a', 'b'])).not.toHaveProperty('mean');
    expect(summary(['2020-01-31', '2020-02-01'])).not.toHaveProperty('mean');
  });

  it('describeCells returns the kind `empty` for a column in which all cells are missing', () => {
    expect(describeCells({ name: 'x', numbers: Float64Array.of(NaN, NaN) })).toEqual({
      kind: 'empty',
      gaps: 2,
      distinct: 0,
      frequent: [],
    });
  });
});
