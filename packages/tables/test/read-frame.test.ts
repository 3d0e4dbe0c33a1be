import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrame, distinctFrameRows, planColumns, readFrame, type Frame, type FrameOptions } from '@impflow/tables';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as made from './fixtures.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-read-frame-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const read = async (name: string, content: string | Uint8Array, options?: FrameOptions): Promise<Frame> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return readFrame(path, options);
};
const refusal = (name: string, content: string | Uint8Array, options?: FrameOptions): Promise<string> =>
  read(name, content, options).then(
    () => 'read',
    (error: Error) => error.message.replaceAll(`${folder}/`, ''),
  );

/** A typical CSV export of a spreadsheet. The last two rows are copies of the first row. */
const messy = [
  '\uFEFF"id";Größe (cm);"note, quoted";Datum;PLZ;score;constant',
  '1;181,5;"says ""hi""\r\nand; goes";31.01.2020;01067;NA;k',
  '',
  '2;n/a;plain;2020-02-01;10115;-;k',
  '3;"170,25";NULL;;99999;null;k',
  '  ',
  '4;;None;03/04/2020;80331;nan;k',
  '5; 99 ;"  spaced  ";NA;04109;?;k',
  '6;-0,5;N/A;5 %;n/a;7;k',
  '1;181,5;"says ""hi""\r\nand; goes";31.01.2020;01067;NA;k',
  '1;181,5;"says ""hi""\r\nand; goes";31.01.2020;01067;NA;k',
].join('\r\n');

describe('readFrame of a messy CSV', () => {
  it('readFrame reads all cells of a messy CSV', async () => {
    const frame = await read('messy.csv', messy);
    expect(frame.rows).toBe(8);
    const note = 'says "hi"\r\nand; goes';
    expect(frame.columns.map(({ name }) => name)).toEqual([
      'id',
      'Größe (cm)',
      'note, quoted',
      'Datum',
      'PLZ',
      'score',
      'constant',
    ]);
    const [id, size, notes, date, zip, score, constant] = frame.columns;
    expect(id).toEqual({ name: 'id', numbers: Float64Array.of(1, 2, 3, 4, 5, 6, 1, 1) });
    expect(size).toEqual({
      name: 'Größe (cm)',
      numbers: Float64Array.of(181.5, NaN, 170.25, NaN, 99, -0.5, 181.5, 181.5),
    });
    expect(notes!.texts).toEqual([note, 'plain', undefined, undefined, 'spaced', undefined, note, note]);
    expect(date!.written).toEqual([
      '31.01.2020',
      '2020-02-01',
      undefined,
      '03/04/2020',
      undefined,
      '5 %',
      '31.01.2020',
      '31.01.2020',
    ]);
    expect([...zip!.numbers]).toEqual([1067, 10115, 99999, 80331, 4109, NaN, 1067, 1067]);
    expect(zip!.texts).toBeUndefined();
    expect(zip!.written!.slice(0, 6)).toEqual(['01067', '10115', '99999', '80331', '04109', undefined]);
    expect(score).toEqual({ name: 'score', numbers: Float64Array.of(NaN, NaN, NaN, NaN, NaN, 7, NaN, NaN) });
    expect(new Set(constant!.texts)).toEqual(new Set(['k']));
    expect(frame.remarks![0]).toMatch(/semicolons between cells; decimal comma, as in 181,5\.$/);
    // Line numbers count all lines of the file, also blank lines and lines within quotes.
    expect([0, 1, 2, 3].map((row) => frame.place(row))).toEqual(['line 3', 'line 5', 'line 6', 'line 8']);
    expect(distinctFrameRows(frame)).toEqual(Uint32Array.of(0, 1, 2, 3, 4, 5));
  });

  it('readFrame returns an equal frame for all kinds of line breaks, with and without a byte order mark', async () => {
    const whole = await read('messy.csv', messy);
    const other = await read('messy.csv', messy.replace('\uFEFF', '').replaceAll('\r\n', '\n'));
    expect(other.columns.map(({ numbers }) => numbers)).toEqual(whole.columns.map(({ numbers }) => numbers));
    expect(other.columns[3]).toEqual(whole.columns[3]);
    const lines = (frame: Frame): readonly string[] => Array.from({ length: 8 }, (_, row) => frame.place(row));
    expect(lines(other)).toEqual(lines(whole));
  });
});

describe('readFrame', () => {
  it('readFrame reads strings, booleans, times and nulls from a Parquet file of Arrow, and refuses nested values', async () => {
    const { columns, rows, place } = await read('a.parquet', made.arrowTable, {
      columns: ['f', 'i', 'b', 's', 'm', 't'],
    });
    expect(rows).toBe(3);
    expect(place(2)).toBe('row 3');
    const [f, i, b, s, m, t] = columns;
    expect([f, i, m]).toEqual([
      { name: 'f', numbers: Float64Array.of(1.5, 2.5, -3) },
      { name: 'i', numbers: Float64Array.of(1, 2, 2 ** 40) },
      { name: 'm', numbers: Float64Array.of(1, NaN, 3) },
    ]);
    expect(b!.texts).toEqual(['true', 'false', 'true']);
    expect(s!.texts![0]).toBe('x');
    expect(t!.texts![0]).toBe('1970-01-01T00:00:00.000Z');
    expect(await refusal('a.parquet', made.arrowTable)).toBe(
      '[tables/readFrame] A value that cannot be a cell in the column "l" of a.parquet, row 1: expected a number, a string, ' +
        'a boolean, a date, or nothing, got a nested value. Write each element of the value to its own column, or leave the column out with the option leaveOut: l',
    );
  });

  it('times of day and durations of a Parquet file of Arrow are seconds, and a dictionary of numbers is a category', async () => {
    await writeFile(join(folder, 'times.parquet'), made.arrowTimes);
    const frame = await readFrame(join(folder, 'times.parquet'));
    expect(frame.columns).toEqual([
      { name: 'at', numbers: Float64Array.of(27_900, 82_800.5, NaN), unit: 'seconds' },
      { name: 'took', numbers: Float64Array.of(1.5, NaN, 90), unit: 'seconds' },
      { name: 'zone', numbers: Float64Array.of(20, 10, 20), isCategory: true },
      { name: 'n', numbers: Float64Array.of(1, 2, 3) },
    ]);
    expect(planColumns(frame)).toMatchObject([
      { kind: 'number', unit: 'seconds' },
      { kind: 'number', unit: 'seconds' },
      { kind: 'category', stored: true },
      { kind: 'number' },
    ]);
  });

  it('a value that cannot be a cell is missing in a column that is not needed', async () => {
    await writeFile(join(folder, 'l.jsonl'), '{"a":1,"l":[1],"o":{"b":1}}\n{"a":2,"l":[],"o":{}}\n');
    const path = join(folder, 'l.jsonl');
    await expect(readFrame(path)).rejects.toThrow('leave these 2 columns out with the option leaveOut: l,o');
    const { columns } = await readFrame(path, { needed: (name) => name === 'a' });
    expect(columns.map(({ numbers }) => [...numbers])).toEqual([
      [1, 2],
      [NaN, NaN],
      [NaN, NaN],
    ]);
    await writeFile(join(folder, 'a.parquet'), made.arrowTable);
    const found = await readFrame(join(folder, 'a.parquet'), { needed: (name) => name !== 'l' });
    expect(found.columns.at(-1)).toEqual({ name: 'l', numbers: Float64Array.of(NaN, NaN, NaN) });
  });

  it('readFrame reads each decimal of Parquet as the nearest double', async () => {
    const decimals = [0.7, 0.3, -1.1, 12345678.29, 0, 1e-2];
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [{ name: 'price', data: decimals }],
        schema: [
          { name: 'root', num_children: 1 },
          {
            name: 'price',
            type: 'INT64',
            converted_type: 'DECIMAL',
            scale: 2,
            precision: 18,
            repetition_type: 'REQUIRED',
          },
        ],
      }),
    );
    expect([...(await read('decimals.parquet', bytes)).columns[0]!.numbers]).toEqual(decimals);
  });

  it('readFrame reads days, times, strings with numbers, nulls and long whole numbers of Parquet', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        schema: [
          { name: 'root', num_children: 5 },
          { name: 'day', type: 'INT32', converted_type: 'DATE', repetition_type: 'OPTIONAL' },
          { name: 'time', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' },
          { name: 'zip', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'kind', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'long', type: 'INT64', repetition_type: 'OPTIONAL' },
        ],
        columnData: [
          { name: 'day', data: [new Date('2020-01-31'), null, new Date('1969-12-31')] },
          { name: 'time', data: [new Date('2020-01-31T12:30:00.5Z'), new Date(0), null] },
          { name: 'zip', data: ['02139', '10001', 'NA'] },
          { name: 'kind', data: [' a\n', null, '3.50'] },
          { name: 'long', data: [9007199254740993n, 1n, null] },
        ],
      }),
    );
    const { columns } = await read('b.parquet', bytes);
    expect(columns.map(({ name, texts, written }) => [name, texts, written])).toEqual([
      ['day', ['2020-01-31', undefined, '1969-12-31'], ['2020-01-31', undefined, '1969-12-31']],
      [
        'time',
        ['2020-01-31T12:30:00.500Z', '1970-01-01T00:00:00.000Z', undefined],
        ['2020-01-31T12:30:00.500Z', '1970-01-01T00:00:00.000Z', undefined],
      ],
      ['zip', undefined, ['02139', '10001', undefined]],
      ['kind', ['a', undefined, undefined], ['a', undefined, '3.50']],
      ['long', undefined, ['9007199254740993', '1', undefined]],
    ]);
    expect(columns[3]!.numbers).toEqual(Float64Array.of(NaN, NaN, 3.5));
  });

  it('readFrame reads numbers of a NumPy file, where NaN is a missing cell', async () => {
    const holes = Buffer.from(made.littleFloat);
    holes.writeFloatLE(NaN, 128 + 4 * 3);
    expect((await read('a.npy', holes)).columns).toEqual([
      { name: 'x0', numbers: Float64Array.of(1.5, 3, 5) },
      { name: 'x1', numbers: Float64Array.of(-2, NaN, 6) },
    ]);
  });

  it('readFrame throws an error that describes what is wrong with a file', async () => {
    expect(await refusal('a.parqet', 'a\n1\n')).toContain('Unknown kind of file a.parqet');
    await expect(readFrame(join(folder, 'none.csv'))).rejects.toThrow('[tables/readFrame] Cannot read');
    expect(await refusal('a.csv', '')).toContain('Empty file a.csv');
    expect(await refusal('a.parquet', 'a,b\n1,2\n3,4\n')).toContain('No readable Parquet table in a.parquet');
    expect(await refusal('a.csv', 'a;b\n1;2\n', { separator: ',', decimal: ',' })).toContain(
      'The separator is the decimal sign',
    );
  });
});

describe('decodeFrame', () => {
  it.each([
    ['a.csv', new TextEncoder().encode('a,b\n1,x\n')],
    ['a.tsv', new TextEncoder().encode('a\tb\n1\tx\n')],
    ['a.npy', made.littleFloat],
  ])('decodeFrame of the bytes of %s equals readFrame of the file', async (name, bytes) => {
    const { columns, rows, source } = await decodeFrame(name, bytes);
    expect(columns).toEqual((await read(name, bytes)).columns);
    expect([rows, source]).toEqual([columns[0]!.numbers.length, name]);
  });

  it('decodeFrame reads chosen columns of Parquet from bytes that are a view of a longer array', async () => {
    const columns = ['f', 's'];
    const within = Buffer.concat([Buffer.alloc(3), made.arrowTable, Buffer.alloc(5)]);
    const frame = await decodeFrame('no such file.parquet', within.subarray(3, -5), { columns });
    expect(frame.columns).toEqual((await read('c.parquet', made.arrowTable, { columns })).columns);
  });

  it('decodeFrame throws an error that describes what is wrong with the bytes', async () => {
    await expect(decodeFrame('a.txt', Uint8Array.of(1))).rejects.toThrow(
      '[tables/decodeFrame] Unknown kind of file a.txt',
    );
    await expect(decodeFrame('a.npy', Uint8Array.of())).rejects.toThrow('Empty file a.npy');
    await expect(decodeFrame('a.parquet', Uint8Array.of(1, 2))).rejects.toThrow(
      'No readable Parquet table in a.parquet',
    );
  });
});
