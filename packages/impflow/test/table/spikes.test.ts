import { key, normals, uniforms } from '@impflow/core';
import { expect, it } from 'vitest';
import { marksIn, spikeRemarks } from '../../src/table/spikes.ts';

const rows = 3000;
const [noise, chance] = [normals(key(1), rows), uniforms(key(2), rows)];
const columns = [{ kind: 'number', name: 'x' }] as const;
const cells = (value: (row: number) => number) => ({
  rows,
  columns: [Float64Array.from({ length: rows }, (_, row) => value(row))],
  remarks: [],
});
const told = (value: (row: number) => number): string => spikeRemarks(columns, cells(value)).join(' ');

it('a value that is much more frequent than the others is a spike, also if the others repeat', () => {
  const humidity = (row: number): number => Math.round(60 + 15 * noise[row]!);
  expect(told(humidity)).toBe('');
  expect(told((row) => (chance[row]! < 0.13 ? 63 : humidity(row)))).toMatch(
    /^1\d % of the cells of "x" in the training rows are exactly 63: the density has a spike there/,
  );
  expect(told((row) => Math.floor(-0.5 * Math.log(chance[row]!)))).toBe('');
});

it('a number of nines is a mark if it is the largest value, and much more frequent than the values near it', () => {
  const age = (row: number): number => Math.round(Math.min(94, Math.max(18, 50 + 17 * noise[row]!)));
  expect(told((row) => (row % 40 === 0 ? 99 : Math.min(92, age(row))))).toMatch(
    /^75 cells of "x" in the training rows are exactly 99, the largest value, .* gaps to x:99\.$/,
  );
  expect(told((row) => Math.round(99 * chance[row]!))).toBe('');
});

it('`marksIn` returns values far from all others, such as -999', () => {
  expect(
    marksIn(
      columns,
      cells((row) => (row % 50 === 0 ? -999 : noise[row]!)),
    ),
  ).toEqual([[-999]]);
  expect(
    marksIn(
      columns,
      cells((row) => noise[row]!),
    ),
  ).toEqual([[]]);
});

it('all marks of a column are named, with the range of the other cells, also if one of them has few cells', () => {
  const celsius = (row: number): number => Math.round(60 + 25 * Math.max(-3, Math.min(3, noise[row]!))) / 10;
  const others =
    'far from all other cells of the column, which lie between -1.500 and 13.50. If it marks missing cells';
  expect(
    spikeRemarks(
      columns,
      cells((row) => (row % 50 === 0 ? -999 : row % 1400 === 7 ? 85 : celsius(row))),
    ),
  ).toEqual([
    `60 cells of "x" in the training rows are exactly -999, ${others}, set the option gaps to x:-999.`,
    `3 cells of "x" in the training rows are exactly 85, ${others}, set the option gaps to x:85.`,
  ]);
});

it('no extreme of a heavy-tailed column is a mark, also if its numbers are rounded', () => {
  for (let seed = 0; seed < 300; seed++) {
    const tails = normals(key(seed), 1000);
    const columnsOf = [
      (value: number) => Math.round(20 * Math.exp(1.5 * value)),
      (value: number, i: number) => Math.round(10 * Math.abs(value / tails[(i + 1) % 1000]!)),
      (value: number) => Math.round(2 * Math.exp(value)),
    ];
    for (const of of columnsOf)
      expect(marksIn(columns, { rows: 1000, columns: [tails.map(of)], remarks: [] })).toEqual([[]]);
  }
});
