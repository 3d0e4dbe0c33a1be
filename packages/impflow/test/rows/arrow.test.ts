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
/** Returns a table of one column that was written to bytes and read again. */
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
  ])('give dates for times in %s', async (_what, type) => {
    const table = tableOf([noon, null, early], type);
    expect(await cells(table)).toEqual([noon, null, early]);
    const { columns } = await frameOfRows(table);
    expect(columns[0]!.texts).toEqual(['2020-01-31T12:00:00.000Z', undefined, '1969-12-31T12:00:00.000Z']);
    expect(columns[0]!.type).toBe('date');
  });

  it('give dates for days', async () => {
    const day = new Date('2020-01-31');
    expect(await cells(tableOf([day, null], new DateDay()))).toEqual([day, null]);
  });

  it('give numbers for decimals, and bigints for whole decimals that a double cannot hold', async () => {
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

  it('give texts for dictionaries, dates for dictionaries of dates, and bigints for Int64', async () => {
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

  it('may consist of several batches', async () => {
    const first = tableFromArrays({ a: Int32Array.of(1, 2), s: ['x', 'y'] });
    const table = first.concat(tableFromArrays({ a: Int32Array.of(3), s: ['z'] }) as typeof first);
    expect(rowsOfFrame(await frameOfRows(table))).toEqual([
      { a: 1, s: 'x' },
      { a: 2, s: 'y' },
      { a: 3, s: 'z' },
    ]);
  });

  it('may be given column by column, as vectors', async () => {
    const table = tableOf([noon, early], new TimestampSecond());
    const frame = await frameOfRows({ a: table.getChild('a')!, n: [1, 2] } as never);
    expect(columnTypes(frame)).toEqual({ a: 'date' });
    expect(rowsOfFrame(frame)[1]).toEqual({ a: early, n: 2 });
  });

  it('with a nested value are refused, and the message names the column', async () => {
    const table = tableFromJSON([{ a: { b: 1 } }]);
    expect(table.schema.fields[0]!.type).toBeInstanceOf(Struct);
    await expect(frameOfRows(table)).rejects.toThrow(
      'A value that cannot be a cell in the column "a" of the rows, row 1',
    );
  });

  it('without rows are refused', async () => {
    await expect(frameOfRows(tableFromArrays({ a: Int32Array.of() }))).rejects.toThrow('No rows in the rows');
  });
});
