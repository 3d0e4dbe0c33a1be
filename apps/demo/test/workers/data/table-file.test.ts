import type { FlowError } from '@impflow/core';
import { describe, expect, it } from 'vitest';
import { previewTable, readColumns } from '../../../src/workers/data/table-file.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/**
 * Twelve rows: numbers, whole numbers that repeat, and one more column of the cells given, the last of them repeated.
 */
const withColumn = (...cells: readonly string[]): Uint8Array =>
  utf8(
    `x,n,odd\n${Array.from({ length: 12 }, (_, i) => `${i / 8},${i % 3},${cells[Math.min(i, cells.length - 1)]}`).join('\n')}\n`,
  );
const problemOf = (...cells: readonly string[]): string | undefined =>
  previewTable('made.csv', withColumn(...cells)).columns[2]!.problem;
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return `${(error as FlowError).code} ${(error as FlowError).message}`;
  }
  return 'no error';
};

describe('previewTable', () => {
  it('shows the columns as they will be read', () => {
    expect(previewTable('made.csv', withColumn(' "7,5" ', '-1e3', 'a very long name of something'))).toEqual({
      name: 'made.csv',
      rows: 12,
      columns: [
        { name: 'x', first: ['0', '0.125', '0.25', '0.375', '0.5', '0.625'], min: 0, max: 1.375 },
        { name: 'n', first: ['0', '1', '2', '0', '1', '2'], min: 0, max: 2, resolution: 1 },
        {
          name: 'odd',
          first: ['7,5', '-1e3', ...Array.from({ length: 4 }, () => 'a very long name of som…')],
          min: -1000,
          max: -1000,
          problem: 'a comma in a number in line 2: "7,5"',
        },
      ],
    });
  });

  it.each([
    ['semicolons', 'made.csv', 'x;y\n', ';'],
    ['tabs', 'pasted', 'x\ty\n', '\t'],
    ['no header', 'made.txt', '', ','],
    ['a byte order mark', 'made.csv', '\uFEFFx,y\n', ','],
  ])('reads %s', (_what, name, header, delimiter) => {
    const { rows, columns } = previewTable(
      name,
      utf8(`${header}${Array.from({ length: 10 }, (_, i) => `${i}${delimiter}${i * i + 0.5}`).join('\r\n')}`),
    );
    expect([rows, columns.map((column) => [column.name, column.max, column.problem])]).toEqual([
      10,
      [
        [header === '' ? 'x0' : 'x', 9, undefined],
        [header === '' ? 'x1' : 'y', 81.5, undefined],
      ],
    ]);
  });

  it('says for each column why it cannot be chosen', () => {
    expect(problemOf('1', '2', 'cat', '4')).toBe('text in line 4: "cat"');
    expect(problemOf('1', '2', 'a very long name of something', '4')).toBe(
      'text in line 4: "a very long name of som…"',
    );
    expect(problemOf('1', '', '3', 'NA', '5')).toBe('2 of 12 cells missing, the first in line 3');
    expect(problemOf('NaN')).toBe('no numbers, all cells are missing');
    expect(problemOf('5')).toBe('the same in every row: 5');
    expect(problemOf('1', '-inf', '3')).toBe('infinite in line 3');
    expect(problemOf('1', '2', '4e38', '5')).toBe('too large for float32 in line 4: 4e+38');
    expect(problemOf('1', '2', '3')).toBeUndefined();
    expect(problemOf('20200131', '20200132', '20200133')).toBe(
      'too fine for float32 at their size: subtract 20200132 from each',
    );
    // In float32, which the model uses, these are equal.
    expect(problemOf('1.00000001', '1.00000002')).toBe('the same in every row: 1');
  });

  it.each<readonly [what: string, bytes: Uint8Array, message: string]>([
    [
      'empty',
      new Uint8Array(0),
      'input [data/readTable] Empty file f.csv: expected a table, got 0 bytes. Check the export.',
    ],
    [
      'blank',
      utf8('\n  \n'),
      'input [data/readTable] No rows in f.csv: expected at least 10, got none. Check the export.',
    ],
    [
      'a header alone',
      utf8('a,b\n'),
      'input [data/readTable] No rows in f.csv: expected at least 10, got the columns a, b and no row. Check the export.',
    ],
    [
      'a picture',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
      'input [data/readTable] No text in f.csv: expected comma-separated text in UTF-8, got binary data. Export the table as CSV in UTF-8.',
    ],
    [
      'UTF-16',
      Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x62, 0),
      'input [data/readTable] No text in f.csv: expected comma-separated text in UTF-8, got binary data. Export the table as CSV in UTF-8.',
    ],
    [
      'Latin-1',
      Uint8Array.of(...utf8('x,y\n1,2\n3,'), 0xbd),
      'input [data/readTable] Line 3 is not UTF-8 in f.csv: ' +
        'expected text in UTF-8, got bytes of another encoding. Export the table as CSV in UTF-8.',
    ],
    [
      'ragged',
      utf8('a,b\n1,2\n3\n'),
      'input [data/readTable] Line 3 has the wrong number of cells in f.csv: expected 2 cells, got 1. ' +
        'Repair that line, or quote cells that hold the delimiter.',
    ],
    [
      'a quote without an end',
      utf8('a,b\n1,2\n"3,4\n5,6\n'),
      'input [data/readTable] A quote that does not fit in f.csv: expected quoted cells as "a", a quote in ' +
        'one as "", got Quote Not Closed: one that opens after line 2 has no end. Repair that line.',
    ],
    [
      'a quote in the middle',
      utf8('a,b\n1,2\n3"4,5\n'),
      'input [data/readTable] A quote that does not fit in f.csv: expected quoted cells as "a", a quote in ' +
        'one as "", got Invalid Opening Quote: a quote is found on field 0 at line 3, value is "3". ' +
        'Repair that line.',
    ],
    [
      'two columns of one name',
      utf8(`a,a\n${'1,2\n'.repeat(12)}`),
      'input [data/readTable] Two columns of f.csv have one name: expected different names, got "a" twice. Rename one.',
    ],
    [
      'one column',
      utf8(`all\n${'1 2\n'.repeat(12)}`),
      'input [demo/previewTable] One column alone in f.csv: expected at least 2, with a comma, a semicolon ' +
        'or a tab between their cells, got "all". Export the table as CSV, with two columns of numbers.',
    ],
    [
      'nine rows',
      utf8(`a,b\n${'1,2\n'.repeat(9)}`),
      'input [data/readTable] Too few rows in f.csv: expected at least 10, got 9. It needs at least 10 rows.',
    ],
  ])('refuses a file that is no table: %s', (_what, bytes, message) => {
    expect(refusal(() => previewTable('f.csv', bytes))).toBe(message);
    expect(refusal(() => readColumns('f.csv', bytes, ['a', 'b']))).toBe(message);
  });
});

describe('readColumns', () => {
  it('returns two columns in the requested order', () => {
    const rows = readColumns('made.csv', withColumn('cat'), ['n', 'x']);
    expect([rows.length, [...rows.subarray(0, 8)]]).toEqual([24, [0, 0, 1, 0.125, 2, 0.25, 0, 0.375]]);
  });

  it('refuses a column that cannot be chosen, but ignores the others', () => {
    expect(refusal(() => readColumns('made.csv', withColumn('1', 'cat'), ['x', 'odd']))).toBe(
      'input [demo/readColumns] Cannot use the column "odd" of made.csv: ' +
        'expected numbers that differ, got text in line 3: "cat". Choose another column.',
    );
    expect(refusal(() => readColumns('made.csv', withColumn('1'), ['odd', 'x']))).toContain(
      'got the same in every row: 1.',
    );
    expect(refusal(() => readColumns('made.csv', withColumn('1', '2'), ['x', 'od']))).toBe(
      'input [data/readTable] Unknown column of made.csv: expected one of x, n, odd, got "od". Did you mean "odd"?',
    );
    expect(refusal(() => readColumns('made.csv', withColumn('1', '2'), ['x', 'x']))).toContain('chosen twice');
  });
});
