import { key, normals, drawPermutation } from '@impflow/core';
import { distinctFrameRows, frameOf, type Frame } from '@impflow/tables';
import { expect, it } from 'vitest';

const table = (rows: readonly (readonly number[])[]): Frame =>
  frameOf(
    rows.map((row) => Object.fromEntries(row.map((value, j) => [`x${j}`, value]))),
    'here',
  );
const draws = normals(key(1), 2000);
const rows = (count: number): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, i) => [draws[2 * i]!, draws[2 * i + 1]!]);
const copied = (times: number, of: readonly (readonly number[])[]): Frame => {
  const all = Array.from({ length: times }, () => of).flat();
  return table(Array.from(drawPermutation(key(2), all.length), (at) => all[at]!));
};

it('distinctFrameRows returns one copy of each row if many rows are copies', () => {
  const twenty = copied(20, rows(100));
  const kept = distinctFrameRows(twenty)!;
  expect(kept).toHaveLength(100);
  expect(new Set(Array.from(kept, (row) => twenty.columns[0]!.numbers[row])).size).toBe(100);
  expect([...kept]).toEqual([...kept].sort((a, b) => a - b));
  expect(distinctFrameRows(table([...rows(800), ...rows(100)]))).toHaveLength(800);
});

it('distinctFrameRows returns undefined for few copies, for copies of an atom, and for tables with only labels or one column', () => {
  expect(distinctFrameRows(table([...rows(800), ...rows(80)]))).toBeUndefined();
  expect(distinctFrameRows(table([...rows(500), ...Array.from({ length: 200 }, () => [0, 0])]))).toBeUndefined();
  expect(distinctFrameRows(table(Array.from({ length: 500 }, (_, i) => [i % 7, i % 3])))).toBeUndefined();
  expect(distinctFrameRows(table(Array.from({ length: 500 }, (_, i) => [(i % 7) / 10, (i % 5) / 10])))).toBeUndefined();
  expect(distinctFrameRows(table(Array.from({ length: 500 }, (_, i) => [draws[i % 50]!])))).toBeUndefined();
});

it('distinctFrameRows finds copies of rows with text, numbers and missing cells', () => {
  const objects = Array.from({ length: 200 }, (_, i) => ({
    x: draws[i]!,
    kind: ['a', 'b', null][i % 3],
    code: i % 2 === 0 ? '01' : '1',
  }));
  const twice = frameOf([...objects, ...objects], 'here');
  expect(distinctFrameRows(twice)).toEqual(Uint32Array.from({ length: 200 }, (_, i) => i));
  expect(distinctFrameRows(frameOf([...objects, ...objects.slice(0, 20)], 'here'))).toBeUndefined();
  const categories = objects.map(({ kind, code }) => ({ kind, code }));
  expect(distinctFrameRows(frameOf([...categories, ...categories], 'here'))).toBeUndefined();
});
