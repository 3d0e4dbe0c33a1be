import { completeRows, filledByMedian, gapsOf, layoutOf, pickValues, type ColumnSpec } from '@impflow/tables';
import { expect, it } from 'vitest';
import { rowsOf } from './models.ts';

const columns: readonly ColumnSpec[] = [
  { kind: 'category', name: 'c', levels: ['a', 'b'] },
  { kind: 'number', name: 'x' },
  { kind: 'number', name: 'g', given: true },
  { kind: 'number', name: 'h', given: true, fill: 3 },
];
const layout = layoutOf({ columns });
const values = rowsOf([
  [0, NaN, 1, 1, NaN],
  [5, 1, NaN, 2, 9],
  [1, 1, 1, NaN, 1],
  [NaN, 1, 1, NaN, 1],
]);

it('gapsOf returns missing targets, and missing conditions that were never missing in training', () => {
  expect([0, 1, 2, 3, 4].map((row) => gapsOf(values, layout, row))).toEqual([[], [0], [1], [2], [0]]);
  expect([...completeRows(values, layout)]).toEqual([0]);
  expect(layout.context).toEqual([
    { first: 0, width: 2 },
    { first: 2, width: 0 },
    { first: 2, width: 1 },
    { first: 3, width: 2 },
  ]);
});

it('filledByMedian fills a missing cell by the median or the most frequent category of the reference rows', () => {
  const filled = filledByMedian(values, layout);
  expect([...filled.columns[0]!]).toEqual([0, 1, 1, 1, 1]);
  expect([...filled.columns[1]!]).toEqual([5, 1, 2, 2, 9]);
  expect([...filled.columns[3]!]).toEqual([...values.columns[3]!]);
  const usual = rowsOf([
    [0, 0],
    [7, 7],
    [1, 1],
    [1, 1],
  ]);
  expect([...filledByMedian(values, layout, usual).columns[1]!]).toEqual([5, 1, 7, 2, 9]);
  const unseen = rowsOf([
    [2, 2, 1, NaN],
    [1, 1, 1, 1],
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ]);
  expect([...filledByMedian(unseen, layout).columns[0]!]).toEqual([2, 2, 1, 1]);
  expect([...pickValues(filled, Uint32Array.of(4, 0)).columns[1]!]).toEqual([9, 5]);
});
