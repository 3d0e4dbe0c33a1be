import type { AnyRow, Columns } from 'impflow';
import { columnTypes, frameOfRows, rowsOfFrame } from 'impflow/run';
import { describe, expect, it } from 'vitest';

// The DuckDB library is native and is not available on every machine.
const duckdb = await import('@duckdb/node-api').catch((error: unknown) => {
  console.warn(`The tests of DuckDB are skipped, because its library cannot be loaded (${(error as Error).message}).`);
  return undefined;
});

const SQL = `select * from (values
  (1::bigint, 1.5::decimal(5, 2), timestamp '2020-01-31 12:00:00', date '2020-01-31', true, 'a', 2::integer, 0.1::float),
  (9007199254740993, null, timestamp '1969-12-31 12:00:00', null, false, null, null, 36.9)
) as t(id, price, made, day, ok, name, n, f)`;
const rows = [
  {
    id: 1n,
    price: 1.5,
    made: new Date('2020-01-31T12:00:00Z'),
    day: new Date('2020-01-31'),
    ok: true,
    name: 'a',
    n: 2,
    f: 0.1,
  },
  {
    id: 9_007_199_254_740_993n,
    price: null,
    made: new Date('1969-12-31T12:00:00Z'),
    day: null,
    ok: false,
    name: null,
    n: null,
    f: 36.9,
  },
];

describe.skipIf(duckdb === undefined)('results of DuckDB (not installed on every machine)', () => {
  const connected = async () => (await duckdb!.DuckDBInstance.create(':memory:')).connect();

  it('results of DuckDB are read as rows and as columns of JavaScript values', async () => {
    const reader = await (await connected()).runAndReadAll(SQL);
    for (const result of [reader.getRowObjectsJS() as AnyRow[], reader.getColumnsObjectJS() as Columns<AnyRow>]) {
      const frame = await frameOfRows(result);
      expect(rowsOfFrame(frame)).toEqual(rows);
      expect(columnTypes(frame)).toEqual({ id: 'bigint', made: 'date', day: 'date', ok: 'boolean', name: 'string' });
    }
  });

  it('results of DuckDB are read in chunks while the query runs', async () => {
    const result = await (await connected()).stream('select i, i / 2 as half from range(5000) as t(i)');
    const frame = await frameOfRows(result.yieldRowObjectJs() as AsyncIterable<AnyRow[]>);
    expect([frame.rows, rowsOfFrame(frame)[4999]]).toEqual([5000, { i: 4999n, half: 2499.5 }]);
  });

  it('the method `getRowObjects` of DuckDB can be used for results without dates and decimals', async () => {
    const reader = await (await connected()).runAndReadAll(`select id, ok, name, n, f from (${SQL})`);
    expect(rowsOfFrame(await frameOfRows(reader.getRowObjects() as unknown as AnyRow[]))).toEqual(
      rows.map(({ id, ok, name, n, f }) => ({ id, ok, name, n, f })),
    );
  });

  it('cells that are instances of DuckDB classes are refused, and the message contains the methods to use', async () => {
    const reader = await (await connected()).runAndReadAll(`select made from (${SQL})`);
    await expect(frameOfRows(reader.getRowObjects() as unknown as AnyRow[])).rejects.toThrow(
      'got an object of the class DuckDBTimestampValue. Use getRowObjectsJS or getColumnsObjectJS of DuckDB',
    );
    await expect(frameOfRows(reader as never)).rejects.toThrow(
      'got a result of DuckDB. Use the result of its method getRowObjectsJS',
    );
  });
});
