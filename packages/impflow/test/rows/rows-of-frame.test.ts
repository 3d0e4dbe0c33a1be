import { parseFrame } from '@impflow/tables';
import { columnTypes, frameOfObjects, frameOfRows, rowsOfFrame, type ColumnTypes } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { penguins } from './fixtures.ts';

describe('`rowsOfFrame`', () => {
  it('`rowsOfFrame` returns the original rows with their types', () => {
    const rows = [...penguins, { species: '007', mass: 36.9, eggs: Infinity, tagged: null, seen: new Date(0) }].map(
      (row, i) => ({ ...row, id: 9_007_199_254_740_993n - BigInt(i), zip: `0213${i}` }),
    );
    expect(rowsOfFrame(frameOfObjects(rows, 'the rows'))).toEqual(rows);
  });

  it('`rowsOfFrame` returns null for every gap (empty cell)', async () => {
    expect(
      rowsOfFrame(
        await frameOfRows([
          { a: 1, b: NaN },
          { a: undefined, s: 'x' },
        ]),
      ),
    ).toEqual([
      { a: 1, b: null, s: null },
      { a: null, b: null, s: 'x' },
    ]);
  });

  it('`rowsOfFrame` converts cells to the given types, which may come from JSON', () => {
    const types = JSON.parse(JSON.stringify(columnTypes(frameOfObjects(penguins, 'the rows')))) as ColumnTypes;
    expect(types).toEqual({ species: 'string', tagged: 'boolean', seen: 'date' });
    const text = 'species,mass,tagged,seen\nAdelie,1,true,2020-01-31\n7,2,(other),2020-01-31T12:00:00Z\n';
    expect(rowsOfFrame(parseFrame('a.csv', new TextEncoder().encode(text)), types)).toEqual([
      { species: 'Adelie', mass: 1, tagged: true, seen: new Date('2020-01-31') },
      { species: '7', mass: 2, tagged: '(other)', seen: new Date('2020-01-31T12:00:00Z') },
    ]);
  });

  it('`rowsOfFrame` rounds numbers in a column of bigints', () => {
    const frame = parseFrame('a.csv', new TextEncoder().encode('n\n1.6\n3\n1e21\nInfinity\n'));
    expect(rowsOfFrame(frame, { n: 'bigint' }).map(({ n }) => n)).toEqual([2n, 3n, 10n ** 21n, Infinity]);
  });

  it('`rowsOfFrame` returns float32 numbers with the fewest digits, and float64 numbers unchanged', async () => {
    const numbers = [36.9, 0.1, 1 / 3, 16777217, 1e-7];
    const frame = await frameOfRows({ x: Float32Array.from(numbers), y: Float64Array.from(numbers) });
    const rows = rowsOfFrame(frame);
    expect(rows.map(({ x }) => x)).toEqual([36.9, 0.1, 0.33333334, 16777216, 1e-7]);
    expect(rows.map(({ y }) => y)).toEqual(numbers);
  });

  it('`rowsOfFrame` keeps columns with names such as `__proto__` and `constructor`', () => {
    const rows = JSON.parse('[{"__proto__": true, "constructor": 1}]') as object[];
    expect(JSON.stringify(rowsOfFrame(frameOfObjects(rows, 'the rows')))).toBe(JSON.stringify(rows));
  });
});

describe('`columnTypes`', () => {
  it.each([
    ['numbers', [1, 2], undefined],
    ['strings', ['a', '7', 'NA'], 'string'],
    ['booleans', [true, null], 'boolean'],
    ['bigints', [1n, undefined], 'bigint'],
    ['dates', [new Date(0), NaN], 'date'],
    ['numbers and bigints', [1, 2n], undefined],
    ['booleans and strings', [true, 'true', true], undefined],
    ['gaps', [null, NaN], undefined],
  ])('`columnTypes` returns the type of a column of %s', async (_what, cells, type) => {
    expect(columnTypes(await frameOfRows({ a: cells }))).toEqual(type === undefined ? {} : { a: type });
  });
});
