import type { FlowError } from '@impflow/core';
import { describe, expect, it } from 'vitest';
import type { ColumnPreview, TableChoice } from '../../../src/protocol/data.ts';
import { previewTable, readRows } from '../../../src/workers/data/table-file.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/**
 * Returns a CSV file of twelve rows and three columns: numbers, repeated whole numbers, and the given cells. If fewer
 * than twelve cells are given, the last cell is repeated.
 */
const withColumn = (...cells: readonly string[]): Uint8Array =>
  utf8(
    `x,n,odd\n${Array.from({ length: 12 }, (_, i) => `${i / 8},${i % 3},${cells[Math.min(i, cells.length - 1)]}`).join('\n')}\n`,
  );
const columnOf = async (...cells: readonly string[]): Promise<ColumnPreview> =>
  (await previewTable('made.csv', withColumn(...cells))).columns[2]!;
const problemOf = async (...cells: readonly string[]): Promise<string | undefined> =>
  (await columnOf(...cells)).problem;
const refusal = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return `${(error as FlowError).code} ${(error as FlowError).message}`;
  }
  return 'no error';
};

describe('previewTable', () => {
  it('the preview of a table describes how each column will be read', async () => {
    expect(await previewTable('made.csv', withColumn('blue', '', 'a very long name of something'))).toEqual({
      name: 'made.csv',
      rows: 12,
      reading: 'made.csv: header x, n, odd; commas between cells; decimal point.',
      columns: [
        {
          name: 'x',
          kind: 'numbers',
          learn: { as: 'numbers', chosen: true },
          readAs: 'numbers',
          first: ['0', '0.125', '0.25', '0.375', '0.5', '0.625'],
          least: '0',
          most: '1.375',
          gaps: new Uint32Array(0),
        },
        {
          name: 'n',
          kind: 'numbers',
          learn: { as: 'numbers', chosen: true },
          readAs: 'whole numbers',
          first: ['0', '1', '2', '0', '1', '2'],
          least: '0',
          most: '2',
          gaps: new Uint32Array(0),
          resolution: 1,
        },
        {
          name: 'odd',
          kind: 'texts',
          learn: { as: 'categories', chosen: true },
          readAs: 'text, 2 categories',
          first: ['blue', '', ...Array.from({ length: 4 }, () => 'a very long name of som…')],
          least: '',
          most: '',
          gaps: Uint32Array.of(1),
        },
      ],
    });
  });

  it('dates are read as days since the first date of a column, including the time of day', async () => {
    expect(await columnOf('2024-02-28', '2024-02-27', '', '2024-03-01')).toMatchObject({
      kind: 'dates',
      readAs: 'dates, as days since 2024-02-27',
      first: ['2024-02-28', '2024-02-27', '', '2024-03-01', '2024-03-01', '2024-03-01'],
      least: '2024-02-27',
      most: '2024-03-01',
      gaps: Uint32Array.of(2),
      resolution: 1,
    });
    expect(await columnOf('31.12.2023 12:00', '01.01.2024 18:00')).toMatchObject({
      readAs: 'dates, as days since 2023-12-31',
      least: '2023-12-31T12:00:00Z',
      most: '2024-01-01T18:00:00Z',
    });
    expect((await columnOf('03/04/2024', '05/04/2024', '06/04/2024')).problem).toBe(
      'ambiguous order of day and month in line 2: "03/04/2024"',
    );
    expect((await columnOf('03/04/2024', '13/04/2024', '06/04/2024')).readAs).toBe('dates, as days since 2024-04-03');
    expect((await columnOf('2024-01-01', 'later', '2024-01-03')).problem).toBe('no date in line 3: "later"');
  });

  it.each([
    ['semicolons', 'made.csv', 'x;y\n', ';'],
    ['tabs', 'pasted', 'x\ty\n', '\t'],
    ['no header', 'made.txt', '', ','],
    ['a byte order mark', 'made.csv', '\uFEFFx,y\n', ','],
  ])('the preview reads %s', async (_what, name, header, delimiter) => {
    const { rows, columns } = await previewTable(
      name,
      utf8(`${header}${Array.from({ length: 10 }, (_, i) => `${i}${delimiter}${i * i + 0.5}`).join('\r\n')}`),
    );
    expect([rows, columns.map((column) => [column.name, column.most, column.problem])]).toEqual([
      10,
      [
        [header === '' ? 'x0' : 'x', '9', undefined],
        [header === '' ? 'x1' : 'y', '81.5', undefined],
      ],
    ]);
  });

  it('decimal commas are read, and the field `reading` of the preview reports the decimal commas', async () => {
    const text = `x;y\n${Array.from({ length: 10 }, (_, i) => `${i},5;-0,${i}e2`).join('\n')}`;
    const { columns, reading } = await previewTable('made.csv', utf8(text));
    expect(columns.map(({ least, most, problem }) => [least, most, problem])).toEqual([
      ['0.5', '9.5', undefined],
      ['-90', '0', undefined],
    ]);
    expect(reading).toBe('made.csv: header x, y; semicolons between cells; decimal comma, as in 0,5.');
  });

  it('the preview gives a reason for each column that cannot be used', async () => {
    expect(await problemOf(...Array.from({ length: 11 }, (_, i) => String(i)), 'cat')).toBe('text in line 13: "cat"');
    expect(await problemOf(...Array.from({ length: 12 }, (_, i) => `a very long name ${i} of something`))).toBe(
      '12 different texts in 12 cells',
    );
    expect(await problemOf('cat')).toBe('the same in every row: "cat"');
    expect(await problemOf('1', '"7,5"', 'cat')).toBe('a comma in a number in line 3: "7,5"');
    expect(await problemOf('1', '', '3', 'NA', '5')).toBeUndefined();
    expect(await problemOf('NaN')).toBe('no numbers, all cells are missing');
    expect(await problemOf('5')).toBe('the same in every row: 5');
    expect(await problemOf('1', '-inf', '3')).toBe('infinite in line 3');
    expect(await problemOf('1', '2', '4e38', '5')).toBe('too large for float32 in line 4: 4e+38');
    expect(await problemOf('1', '2', '3')).toBeUndefined();
    expect(await problemOf('20200131', '20200132', '20200133')).toBe(
      'too fine for float32 at their size: subtract 20200132 from each',
    );
    // The model computes in float32, in which these numbers are equal.
    expect(await problemOf('1.00000001', '1.00000002')).toBe('the same in every row: 1');
  });

  it.each<readonly [what: string, bytes: Uint8Array, message: string]>([
    [
      'empty',
      new Uint8Array(0),
      'input [tables/readFrame] Empty file f.csv: expected a table, got 0 bytes. Check the export.',
    ],
    [
      'blank',
      utf8('\n  \n'),
      'input [tables/parseFrame] No rows in f.csv: expected at least 10, got none. Check the export.',
    ],
    [
      'only a header',
      utf8('a,b\n'),
      'input [tables/parseFrame] No rows in f.csv: expected at least 10, got the columns a, b and no row. Check the export.',
    ],
    [
      'a picture',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
      'input [tables/readFrame] No text in f.csv: expected comma-separated text in UTF-8, got binary data. Export the table as CSV in UTF-8.',
    ],
    [
      'UTF-16',
      Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x62, 0),
      'input [tables/readFrame] No text in f.csv: expected comma-separated text in UTF-8, got binary data. Export the table as CSV in UTF-8.',
    ],
    [
      'Latin-1',
      Uint8Array.of(...utf8('x,y\n1,2\n3,'), 0xbd),
      'input [tables/readFrame] Line 3 is not UTF-8 in f.csv: ' +
        'expected text in UTF-8, got bytes of another encoding. Export the table as CSV in UTF-8.',
    ],
    [
      'ragged',
      utf8('a,b\n1,2\n3\n'),
      'input [tables/readFrame] Line 3 has the wrong number of cells in f.csv: expected 2 cells, got 1. ' +
        'Repair that line, or quote cells that hold the delimiter.',
    ],
    [
      'a quote without an end',
      utf8('a,b\n1,2\n"3,4\n5,6\n'),
      'input [tables/readFrame] A misplaced quote in f.csv: expected quoted cells as "a", a quote ' +
        'within a cell as "", got Quote Not Closed: a quote that opens after line 2 has no end. Repair that line.',
    ],
    [
      'a quote in the middle',
      utf8('a,b\n1,2\n3"4,5\n'),
      'input [tables/readFrame] A misplaced quote in f.csv: expected quoted cells as "a", a quote ' +
        'within a cell as "", got Invalid Opening Quote: a quote is found on field 0 at line 3, value is "3". ' +
        'Repair that line.',
    ],
    [
      'two columns with the same name',
      utf8(`a,a\n${'1,2\n'.repeat(12)}`),
      'input [tables/parseFrame] Two columns of f.csv have the same name: expected different names, got "a" twice. Rename one.',
    ],
    [
      'one column',
      utf8(`all\n${'1 2\n'.repeat(12)}`),
      'input [demo/previewTable] Only one column in f.csv: expected at least 2, with a comma, a semicolon ' +
        'or a tab between their cells, got "all". Export the table as CSV, with two columns of numbers.',
    ],
    [
      'nine rows',
      utf8(`a,b\n${'1,2\n'.repeat(9)}`),
      'input [tables/parseFrame] Too few rows in f.csv: expected at least 10, got 9. The table needs at least 10 rows.',
    ],
  ])('a file that is not a table is refused: %s', async (_what, bytes, message) => {
    expect(await refusal(() => previewTable('f.csv', bytes))).toBe(message);
    expect(await refusal(() => readRows('f.csv', bytes, { columns: ['a', 'b'] }))).toBe(message);
  });
});

describe('readRows', () => {
  const axes = (across: string, up: string): TableChoice => ({ columns: [across, up] });

  it('`readRows` returns two columns in the requested order', async () => {
    const { rows, columns, skipped, colors } = await readRows('made.csv', withColumn('cat'), axes('n', 'x'));
    expect([rows.length, [...rows.subarray(0, 8)]]).toEqual([24, [0, 0, 1, 0.125, 2, 0.25, 0, 0.375]]);
    expect([columns, skipped, colors]).toEqual([['n', 'x'], 0, undefined]);
  });

  it('`readRows` skips rows with missing cells, and counts these rows', async () => {
    const { rows, skipped } = await readRows('made.csv', withColumn('1', '', '3', 'NA', '5'), axes('x', 'odd'));
    expect([rows.length, [...rows.subarray(0, 6)], skipped]).toEqual([20, [0, 1, 0.25, 3, 0.5, 5], 2]);
  });

  it('`readRows` adds the first date, which is day 0, to the name of a date column', async () => {
    const { rows, columns } = await readRows(
      'made.csv',
      withColumn('2024-02-28', '2024-02-27', '2024-03-01'),
      axes('x', 'odd'),
    );
    expect(columns).toEqual(['x', 'odd (days since 2024-02-27)']);
    expect([...rows.subarray(0, 6)]).toEqual([0, 1, 0.125, 0, 0.25, 3]);
  });

  it('`readRows` returns the color of each kept row, as a number or as the index of a category', async () => {
    const ten = utf8(
      `x,y,kind\n${Array.from({ length: 12 }, (_, i) => `${i},${i === 1 ? '' : i * i},${['b', 'a', 'a', ''][i % 4]}`).join('\n')}`,
    );
    const byText = await readRows('made.csv', ten, { columns: ['x', 'y'], color: 'kind' });
    expect(byText.colors).toEqual({
      name: 'kind',
      categories: ['a', 'b'],
      values: Float32Array.of(1, 0, NaN, 1, 0, 0, NaN, 1, 0, 0, NaN),
    });
    const byNumber = await readRows('made.csv', ten, { columns: ['x', 'y'], color: 'y' });
    expect(byNumber.colors?.categories).toBeUndefined();
    expect([...byNumber.colors!.values.subarray(0, 3)]).toEqual([0, 4, 9]);
    const many = utf8(`x,y,kind\n${Array.from({ length: 40 }, (_, i) => `${i},${i * i},k${i % 10}`).join('\n')}`);
    const { categories, values } = (await readRows('made.csv', many, { columns: ['x', 'y'], color: 'kind' })).colors!;
    expect(categories).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', '3 others']);
    expect([...values.subarray(5, 11)]).toEqual([5, 6, 7, 7, 7, 0]);
  });

  it('`readRows` refuses an unusable column if the column is chosen, and ignores the column otherwise', async () => {
    const mistake = withColumn(...Array.from({ length: 11 }, (_, i) => String(i)), 'cat');
    expect(await refusal(() => readRows('made.csv', mistake, axes('x', 'odd')))).toBe(
      'input [demo/readRows] Cannot use the column "odd" of made.csv: ' +
        'expected numbers that differ, got text in line 13: "cat". Choose another column.',
    );
    expect(await refusal(() => readRows('made.csv', withColumn('1'), axes('odd', 'x')))).toContain(
      'got the same in every row: 1.',
    );
    expect(await refusal(() => readRows('made.csv', withColumn('a', 'b'), axes('odd', 'x')))).toContain('got texts.');
    expect(await refusal(() => readRows('made.csv', withColumn('1', '2'), axes('x', 'od')))).toBe(
      'input [tables/selectFrame] Unknown column of made.csv: expected one of x, n, odd, got "od". Did you mean "odd"?',
    );
    expect(await refusal(() => readRows('made.csv', withColumn('1', '2'), axes('x', 'x')))).toContain('chosen twice');
  });
});
