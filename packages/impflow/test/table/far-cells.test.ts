import { key, normals } from '@impflow/core';
import { frameOf } from '@impflow/tables';
import { expect, it } from 'vitest';
import { farCellsOf } from '../../src/table/far-cells.ts';

const far = (numbers: ArrayLike<number>) => {
  const frame = frameOf(
    Array.from(numbers, (x) => ({ x })),
    'a.csv',
  );
  const cells = farCellsOf([{ name: 'x', kind: 'number', given: false }], frame);
  const all = Uint32Array.from({ length: frame.rows }, (_, row) => row);
  return { remarks: cells.remarks([frame]), usual: cells.usual(frame, all) };
};
const found = (numbers: ArrayLike<number>): readonly string[] => far(numbers).remarks;
const usual = normals(key(0), 1000);

it('`farCellsOf` names a cell at forty standard deviations, with its row and the usual range of the column', () => {
  const numbers = Float64Array.from(usual);
  numbers[6] = 40;
  expect(found(numbers)).toEqual([
    expect.stringMatching(
      /^The cell 40 of "x" in row 7 of a\.csv is far from the other cells of the column, which lie between -[23]\.\d+ and [23]\.\d+\.$/,
    ),
  ]);
});

it('`farCellsOf` names no cell of a normal, a heavy-tailed, a short, or a nearly constant column', () => {
  expect(found(usual)).toEqual([]);
  expect(found(usual.map((value) => Math.exp(2 * value)))).toEqual([]);
  expect(found([1, 2, 3, 1000])).toEqual([]);
  expect(found(Float64Array.from({ length: 10_000 }, (_, row) => (row % 3000 === 0 ? 1 : 0)))).toEqual([]);
});

it('`farCellsOf` names at most five cells of a file, and then states the number of further cells', () => {
  const numbers = Float64Array.from(normals(key(1), 10_000));
  numbers.fill(1e6, 0, 8);
  expect(found(numbers)).toHaveLength(6);
  expect(found(numbers)[5]).toBe('3 more cells are far from the other cells of the column, in "x".');
});

it.each([1, 3, 5, 12])('`farCellsOf` names a group of %d far cells of 4,000, which do not hide each other', (count) => {
  const numbers = Float64Array.from(normals(key(2), 4000), (value) => Math.abs(5 * value));
  for (let i = 0; i < count; i++) numbers[300 * i] = 400 + 37 * i;
  expect(found(numbers)).toHaveLength(Math.min(count, 6));
  expect(far(numbers).usual).toHaveLength(4000 - count);
});

it('`farCellsOf` does not name a mark that many cells share, and no group of a heavy-tailed column', () => {
  const numbers = Float64Array.from(normals(key(2), 4000));
  numbers.fill(-999, 0, 30);
  expect(found(numbers)).toEqual([]);
  for (let seed = 0; seed < 20; seed++) {
    const tails = normals(key(seed), 4000);
    expect(found(tails.map((value, i) => value / tails[(i + 1) % 4000]!))).toEqual([]);
    expect(found(tails.map((value) => Math.exp(1.5 * value)))).toEqual([]);
  }
});

it('`farCellsOf` names cells that are far from all others without a mark such as -999, and not the mark', () => {
  const numbers = Float64Array.from(normals(key(3), 3000), (value) => 6 + 2.5 * value);
  for (let i = 0; i < 60; i++) numbers[50 * i] = -999;
  for (const row of [7, 711, 1311]) numbers[row] = 85;
  expect(found(numbers)).toEqual(
    [8, 712, 1312].map((row) =>
      expect.stringMatching(
        new RegExp(String.raw`^The cell 85 of "x" in row ${row} of a\.csv .* lie between -\d\.\d+ and 1\d\.\d+\.$`),
      ),
    ),
  );
  expect(far(numbers).usual).toHaveLength(2997);
});

it('`usual` leaves out the rows with far cells, and no row of a heavy-tailed column', () => {
  const numbers = Float64Array.from(usual);
  numbers[6] = 1e9;
  expect(far(numbers).usual).toEqual(Uint32Array.from([...usual.keys()].filter((row) => row !== 6)));
  const heavy = usual.map((value) => Math.exp(2 * value));
  expect(far(heavy).usual).toHaveLength(1000);
  heavy[6] = 1e9;
  expect(far(heavy).usual).toHaveLength(999);
});

it('`farCellsOf` names a far date as a date', () => {
  const frame = frameOf(
    Array.from({ length: 400 }, (_, row) => ({
      day: row === 5 ? '9999-12-31' : new Date(Date.UTC(2020, 0, 1 + ((7 * row) % 365))).toISOString().slice(0, 10),
    })),
    'a.csv',
  );
  const plan = {
    kind: 'number',
    name: 'day',
    given: false,
    date: { kind: 'dates', unit: 'days', formats: [] },
  } as const;
  expect(farCellsOf([plan], frame).remarks([frame])).toEqual([
    'The cell 9999-12-31 of "day" in row 6 of a.csv is far from the other cells of the column, which lie between 2020-01-03 and 2020-12-28.',
  ]);
});
