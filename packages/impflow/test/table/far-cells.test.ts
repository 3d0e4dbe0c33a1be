import { key, normals } from '@impflow/core';
import { frameOf, valuesOf } from '@impflow/tables';
import { expect, it } from 'vitest';
import { farCells } from '../../src/table/far-cells.ts';

const found = (numbers: ArrayLike<number>): readonly string[] => {
  const frame = frameOf(
    Array.from(numbers, (x) => ({ x })),
    'a.csv',
  );
  const cells = valuesOf(frame, [{ kind: 'number', name: 'x' }]);
  return farCells([{ name: 'x' }], cells, [{ frame, cells }]);
};
const usual = normals(key(0), 1000);

it('`farCells` names a cell at forty standard deviations, with its row and the usual range of the column', () => {
  const numbers = Float64Array.from(usual);
  numbers[6] = 40;
  expect(found(numbers)).toEqual([
    expect.stringMatching(
      /^The cell 40 of "x" in row 7 of a\.csv is far from the other cells of the column, which lie between -[23]\.\d+ and [23]\.\d+\.$/,
    ),
  ]);
});

it('`farCells` names no cell of a normal, a heavy-tailed, a short, or a nearly constant column', () => {
  expect(found(usual)).toEqual([]);
  expect(found(usual.map((value) => Math.exp(2 * value)))).toEqual([]);
  expect(found([1, 2, 3, 1000])).toEqual([]);
  expect(found(Float64Array.from({ length: 10_000 }, (_, row) => (row % 3000 === 0 ? 1 : 0)))).toEqual([]);
});

it('`farCells` names at most five cells of a file, and then states the number of further cells', () => {
  const numbers = Float64Array.from(normals(key(1), 10_000));
  numbers.fill(1e6, 0, 8);
  expect(found(numbers)).toHaveLength(6);
  expect(found(numbers)[5]).toBe('3 more cells are far from the other cells of their columns.');
});

it('`farCells` adds the offset of a column to the numbers in its messages', () => {
  const column = { kind: 'number', name: 'x', offset: 1e6 } as const;
  const frame = frameOf(
    Array.from(usual, (value, row) => ({ x: 1e6 + (row === 6 ? 40 : value) })),
    'a.csv',
  );
  const cells = valuesOf(frame, [column]);
  expect(farCells([column], cells, [{ frame, cells }])[0]).toMatch(/^The cell 1,000,040 of "x" in row 7/);
});

it('`farCells` names a far date as a date', () => {
  const frame = frameOf(
    Array.from({ length: 400 }, (_, row) => ({
      day: row === 5 ? '9999-12-31' : new Date(Date.UTC(2020, 0, 1 + ((7 * row) % 365))).toISOString().slice(0, 10),
    })),
    'a.csv',
  );
  const column = { kind: 'number', name: 'day', date: 'days' } as const;
  const cells = valuesOf(frame, [column]);
  expect(farCells([column], cells, [{ frame, cells }])).toEqual([
    'The cell 9999-12-31 of "day" in row 6 of a.csv is far from the other cells of the column, which lie between 2020-01-03 and 2020-12-28.',
  ]);
});
