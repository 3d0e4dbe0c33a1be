import { frameOf } from '@impflow/tables';
import { expect, it } from 'vitest';

it('frameOf reads numbers, strings, booleans, dates, null and absent keys of objects', () => {
  const frame = frameOf(
    [
      { a: 1, s: 'x', b: true, d: new Date('2020-01-31T12:00:00Z') },
      { a: null, s: ' 3.50 ', late: -2, b: false },
      { a: undefined, s: 'NA', d: null, late: NaN },
      { a: Infinity, s: '', b: 'true', late: 9007199254740993n },
    ],
    'the body',
  );
  expect(frame.rows).toBe(4);
  expect(frame.source).toBe('the body');
  expect(frame.place(1)).toBe('row 2');
  expect(frame.columns).toEqual([
    { name: 'a', numbers: Float64Array.of(1, NaN, NaN, Infinity) },
    {
      name: 's',
      numbers: Float64Array.of(NaN, 3.5, NaN, NaN),
      texts: ['x', undefined, undefined, undefined],
      written: ['x', '3.50', undefined, undefined],
      type: 'string',
    },
    {
      name: 'b',
      numbers: new Float64Array(4).fill(NaN),
      texts: ['true', 'false', undefined, 'true'],
      written: ['true', 'false', undefined, 'true'],
    },
    {
      name: 'd',
      numbers: new Float64Array(4).fill(NaN),
      texts: ['2020-01-31T12:00:00.000Z', undefined, undefined, undefined],
      written: ['2020-01-31T12:00:00.000Z', undefined, undefined, undefined],
      type: 'date',
    },
    {
      name: 'late',
      numbers: Float64Array.of(NaN, -2, NaN, 9007199254740992),
      written: [undefined, '-2', undefined, '9007199254740993'],
    },
  ]);
});

it('frameOf accepts any key as a column name, also `__proto__`', () => {
  const object = JSON.parse('{"__proto__": 1, "constructor": "x", "a,b\\n": 2}') as Record<string, unknown>;
  expect(frameOf([object], 'here').columns.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'a,b\n']);
});

it.each([
  [[], 'No rows in here: expected at least 1, got none.'],
  [[{}, {}], 'No columns in here'],
  [[{ a: 1 }, null], 'No object in here, row 2: expected an object with a value for each column, got null.'],
  [[[1, 2]], 'No object in here, row 1: expected an object with a value for each column, got an array.'],
  [['a'], 'got a value of type string. Give each row as an object.'],
  [
    [{ a: 1 }, { a: { b: 1 } }],
    'A value that cannot be a cell in the key "a" of here, row 2: expected a number, a string, a boolean, a date, or null, ' +
      'got an object. Give each element of the value its own key.',
  ],
  [[{ 'a\u001B[2J': [1] }], 'in the key "a?[2J" of here, row 1'],
  [[{ a: () => 1 }], 'got a value of type function'],
  [[{ a: new Date('none') }], 'got an invalid date'],
])('frameOf refuses %j', (objects, message) => {
  expect(() => frameOf(objects as never, 'here')).toThrow(message);
});

it('frameOf refuses many objects with different keys before they fill the memory', () => {
  expect(() =>
    frameOf(
      Array.from({ length: 100_000 }, (_, i) => ({ [`k${i}`]: 1 })),
      'here',
    ),
  ).toThrow(
    '[tables/frameOf] Too few keys in common in here: expected the same keys in most objects, got 100000 different',
  );
});

it('with the option `columns`, frameOf ignores all other keys, and a key that all objects lack gives missing cells', () => {
  const frame = frameOf(
    [
      { b: 1, c: { nested: true } },
      { b: 2, a: 3 },
    ],
    'here',
    { columns: ['a', 'b', 'd'] },
  );
  expect(frame.columns).toEqual([
    { name: 'a', numbers: Float64Array.of(NaN, 3) },
    { name: 'b', numbers: Float64Array.of(1, 2) },
    { name: 'd', numbers: Float64Array.of(NaN, NaN) },
  ]);
  expect(() => frameOf([{ a: 1 }, { c: 1 }], 'here', { columns: ['a', 'b'] })).toThrow(
    'No cell of the columns in here, row 2: expected some of the keys a, b, got c.',
  );
});

it('frameOf keeps the cells of category columns as they are written', () => {
  const cells = ['1.0', '?', '+2', '3', 'beta'];
  const written = (own: readonly string[]): readonly (string | undefined)[] => {
    const [column] = frameOf(
      own.map((c) => ({ c })),
      'here',
      { categories: ['c'] },
    ).columns;
    return own.map((_, row) => column!.written?.[row] ?? String(column!.numbers[row]));
  };
  expect(written(cells)).toEqual(cells);
  for (const cell of cells) {
    expect(written([cell])).toEqual([cell]);
    expect(written([cell, '7'])).toEqual([cell, '7']);
  }
});
