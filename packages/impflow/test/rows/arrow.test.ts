import {
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Int32,
  Int64,
  Struct,
  Table,
  tableFromArrays,
  tableFromIPC,
  tableFromJSON,
  tableToIPC,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Utf8,
  vectorFromArray,
  type DataType,
} from 'apache-arrow';
import { columnTypes, frameOfRows, rowsOfFrame } from 'impflow/run';
import { describe, expect, it } from 'vitest';

const noon = new Date('2020-01-31T12:00:00Z');
const early = new Date('1969-12-31T12:00:00Z');
/** Writes an Arrow table of one column to bytes, and returns the table that is read from these bytes. */
const tableOf = (values: readonly unknown[], type: DataType): Table =>
  tableFromIPC(tableToIPC(new Table({ a: vectorFromArray(values, type) }))) as Table;
const cells = async (table: Table): Promise<readonly unknown[]> =>
  rowsOfFrame(await frameOfRows(table)).map(({ a }) => a);

describe('tables of Apache Arrow', () => {
  it.each([
    ['seconds', new TimestampSecond()],
    ['milliseconds', new TimestampMillisecond()],
    ['microseconds', new TimestampMicrosecond()],
    ['nanoseconds', new TimestampNanosecond()],
    ['milliseconds of dates', new DateMillisecond()],
  ])('Arrow timestamps in %s are read as dates', async (_what, type) => {
    const table = tableOf([noon, null, early], type);
    expect(await cells(table)).toEqual([noon, null, early]);
    const { columns } = await frameOfRows(table);
    expect(columns[0]!.texts).toEqual(['2020-01-31T12:00:00.000Z', undefined, '1969-12-31T12:00:00.000Z']);
    expect(columns[0]!.type).toBe('date');
  });

  it('Arrow days are read as dates', async () => {
    const day = new Date('2020-01-31');
    expect(await cells(tableOf([day, null], new DateDay()))).toEqual([day, null]);
  });

  it('Arrow decimals are read as numbers, and as bigints if they are whole and a double cannot represent them', async () => {
    const words = (value: bigint): Uint32Array =>
      Uint32Array.from({ length: 4 }, (_, i) => Number((BigInt.asUintN(128, value) >> BigInt(32 * i)) & 0xffffffffn));
    const decimals = [150n, -1n, 0n].map(words);
    expect(await cells(tableOf([...decimals, null], new Decimal(2, 10, 128)))).toEqual([1.5, -0.01, 0, null]);
    expect(await cells(tableOf([...decimals, null], new Decimal(0, 10, 128)))).toEqual([150, -1, 0, null]);
    const long = -(10n ** 30n) - 1n;
    const frame = await frameOfRows(tableOf([words(long)], new Decimal(0, 38, 128)));
    expect(frame.columns[0]!.written).toEqual([String(long)]);
    expect(rowsOfFrame(frame)).toEqual([{ a: long }]);
  });

  it('Arrow string dictionaries are read as strings, date dictionaries as dates, and Int64 as bigints', async () => {
    expect(await cells(tableOf(['x', null, 'y', 'x'], new Dictionary(new Utf8(), new Int32())))).toEqual([
      'x',
      null,
      'y',
      'x',
    ]);
    expect(await cells(tableOf([noon, noon], new Dictionary(new TimestampSecond(), new Int32())))).toEqual([
      noon,
      noon,
    ]);
    const ids = [9_007_199_254_740_993n, null, -9_007_199_254_740_993n];
    expect(await cells(tableOf(ids, new Int64()))).toEqual(ids);
  });

  it('an Arrow table may consist of several record batches', async () => {
    const first = tableFromArrays({ a: Int32Array.of(1, 2), s: ['x', 'y'] });
    const table = first.concat(tableFromArrays({ a: Int32Array.of(3), s: ['z'] }) as typeof first);
    expect(rowsOfFrame(await frameOfRows(table))).toEqual([
      { a: 1, s: 'x' },
      { a: 2, s: 'y' },
      { a: 3, s: 'z' },
    ]);
  });

  it('rows may be given as an object of Arrow vectors', async () => {
    const table = tableOf([noon, early], new TimestampSecond());
    const frame = await frameOfRows({ a: table.getChild('a')!, n: [1, 2] } as never);
    expect(columnTypes(frame)).toEqual({ a: 'date' });
    expect(rowsOfFrame(frame)[1]).toEqual({ a: early, n: 2 });
  });

  it('an Arrow table with a nested value is refused, and the message contains the name of the column', async () => {
    const table = tableFromJSON([{ a: { b: 1 } }]);
    expect(table.schema.fields[0]!.type).toBeInstanceOf(Struct);
    await expect(frameOfRows(table)).rejects.toThrow(
      'A value that cannot be a cell in the column "a" of the rows, row 1',
    );
  });

  it('an Arrow table without rows is refused', async () => {
    await expect(frameOfRows(tableFromArrays({ a: Int32Array.of() }))).rejects.toThrow('No rows in the rows');
  });
});
