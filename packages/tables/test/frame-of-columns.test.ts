import { frameOf, frameOfColumns, pickFrameRows } from '@impflow/tables';
import { expect, it } from 'vitest';

const list = (name: string, cells: readonly unknown[]) => ({
  name,
  length: cells.length,
  cell: (row: number) => cells[row],
});

it('frameOfColumns of columns equals frameOf of the corresponding rows', () => {
  const rows = [
    { a: 1, s: 'x', b: true, d: new Date(0), n: 2n },
    { a: NaN, s: ' 3.50 ', b: null, d: undefined, n: -9007199254740993n },
  ];
  const names = ['a', 's', 'b', 'd', 'n'] as const;
  const frame = frameOfColumns(
    names.map((name) =>
      list(
        name,
        rows.map((row) => row[name]),
      ),
    ),
    'the body',
  );
  expect(frame.columns).toEqual(frameOf(rows, 'the body').columns);
  expect(frame.columns.map(({ type }) => type)).toEqual([undefined, 'string', 'boolean', 'date', 'bigint']);
  expect(frame.columns[4]!.written).toEqual(['2', '-9007199254740993']);
  expect([frame.rows, frame.source, frame.place(1)]).toEqual([2, 'the body', 'row 2']);
  expect(pickFrameRows(frame, Uint32Array.of(1)).columns[4]!.type).toBe('bigint');
});

it.each([
  [[], 'No rows in here: expected at least 1, got none.'],
  [[list('a', [])], 'No rows in here: expected at least 1, got the columns a and no row.'],
  [
    [list('a', [1]), list('b', [1, 2])],
    'Columns of different lengths in here: expected 1 cells in each column, as in "a", got 2 in "b".',
  ],
  [[list('a', [1]), list('a', [2])], 'Two columns of here have the same name'],
  [[list('a', [1, {}])], 'A value that cannot be a cell in the column "a" of here, row 2: expected a number, a string'],
  [
    [list('a', [new Map()])],
    'A value that cannot be a cell in the column "a" of here, row 1: expected a number, a string, a boolean, a date, or null, ' +
      'got an object of the class Map. Give each element of the value its own key.',
  ],
])('frameOfColumns refuses %j', (lists, message) => {
  expect(() => frameOfColumns(lists, 'here')).toThrow(`[tables/frameOfColumns] ${message}`);
});
