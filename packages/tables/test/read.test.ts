import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bits, fold, key, type FlowError } from '@impflow/core';
import { readableExtensions, readFrame, type FrameOptions } from '@impflow/tables';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as made from './fixtures.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-read-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const write = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
/** Writes and reads a file with the given content. Returns the names of its columns and its rows of numbers. */
const read = async (
  name: string,
  content: string | Uint8Array,
  options?: FrameOptions,
): Promise<{ columns: readonly string[]; rows: number[][] }> => {
  const { columns, rows } = await readFrame(await write(name, content), options);
  return {
    columns: columns.map((column) => column.name),
    rows: Array.from({ length: rows }, (_, row) => columns.map(({ numbers }) => numbers[row]!)),
  };
};
/**
 * Returns the error message for a file with the given content, without the folder. Checks that the error has the code
 * `input`.
 */
const refusal = async (
  name: string,
  content: string | Uint8Array | undefined,
  options?: FrameOptions,
): Promise<string> => {
  const path = content === undefined ? join(folder, name) : await write(name, content);
  const error = await readFrame(path, options).then(
    () => undefined,
    (reason: FlowError) => reason,
  );
  expect(error?.code).toBe('input');
  expect(error?.at).toBe('tables/readFrame');
  return error!.message.replaceAll(`${folder}/`, '').replace('[tables/readFrame] ', '');
};

describe('readFrame of a CSV', () => {
  it('readFrame reads the header of a CSV, or names the columns x0, x1, … if there is no header', async () => {
    expect(await read('a.csv', 'a,b\n1,2.5\n-3,4e2\n')).toEqual({
      columns: ['a', 'b'],
      rows: [
        [1, 2.5],
        [-3, 400],
      ],
    });
    expect(await read('a.csv', '1,.5\n+3,4.')).toEqual({
      columns: ['x0', 'x1'],
      rows: [
        [1, 0.5],
        [3, 4],
      ],
    });
    expect(await read('a.csv', 'a,\n1,2')).toEqual({ columns: ['a', 'x1'], rows: [[1, 2]] });
    expect(await read('a.csv', '2019,2020\n1,2', { header: true })).toEqual({
      columns: ['2019', '2020'],
      rows: [[1, 2]],
    });
    expect(await read('a.csv', 'a\n1\n2')).toEqual({ columns: ['a'], rows: [[1], [2]] });
  });

  it.each([
    ['semicolons', 'a;b\n1;2\n'],
    ['tabs', 'a\tb\n1\t2\n'],
    ['spaces around cells', ' a , b\n 1 ,2 \n'],
    ['a byte order mark', '\uFEFFa,b\n1,2\n'],
    ['carriage returns', 'a,b\r\n1,2\r\n'],
    ['mixed line endings', 'a,b\r\n\n1,2'],
    ['blank lines', '\n\na,b\n\n   \n1,2\n\n'],
    ['quotes', '"a","b"\n"1","2"\n'],
  ])('readFrame reads a CSV with %s', async (_, content) => {
    expect(await read('a.csv', content)).toEqual({ columns: ['a', 'b'], rows: [[1, 2]] });
  });

  it('readFrame separates the cells of a .tsv by tabs, even if the first line contains commas', async () => {
    expect(await read('a.tsv', 'a;b\tc\n1\t2\n')).toEqual({ columns: ['a;b', 'c'], rows: [[1, 2]] });
    expect(await read('a.tsv', '\tb\n1\t2\n')).toEqual({ columns: ['x0', 'b'], rows: [[1, 2]] });
  });

  it('readFrame reads only the chosen columns, in the given order', async () => {
    expect(await read('a.csv', 'a,name,b\n1,Ann,2\n3,,4', { columns: ['b', 'a'] })).toEqual({
      columns: ['b', 'a'],
      rows: [
        [2, 1],
        [4, 3],
      ],
    });
  });

  it('readFrame reads random column names with quotes and separators exactly', async () => {
    const alphabet = ['a', 'b', ',', ';', '\t', '"', '\n', '\r\n', ' ', '1', 'é', '漢'];
    for (let round = 0; round < 200; round++) {
      const k = fold(key(21), round);
      const [width, length] = [1 + (bits(k, 1)[0]! % 4), 1 + (bits(k, 2)[1]! % 4)];
      // Each name starts and ends with a letter. So a name is never a number or blank, and trimming does not change it.
      const names = Array.from(
        { length: width },
        (_, j) => `n${j}${Array.from(bits(fold(k, 1 + j), 6), (word) => alphabet[word % alphabet.length]).join('')}z`,
      );
      const rows = Array.from({ length }, (_, i) =>
        Array.from(bits(fold(k, 100 + i), width), (word) => Math.fround((word - 2 ** 31) / 2 ** 20)),
      );
      const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
      const content = [
        names.map(quote),
        ...rows.map((row, i) => row.map((value) => (i % 2 === 0 ? quote(String(value)) : String(value)))),
      ]
        .map((row) => row.join(','))
        .join('\n');
      expect(await read('fuzz.csv', content)).toEqual({ columns: names, rows });
    }
  });

  it('readFrame throws an error that describes what is wrong with a CSV', async () => {
    expect(await refusal('a.csv', 'a,b\n1,2\n\n3\n')).toBe(
      'Line 4 has the wrong number of cells in a.csv: expected 2 cells, got 1. Repair that line, or quote cells that hold the delimiter.',
    );
    expect(await refusal('a.csv', 'a,b\n1,2,3\n')).toContain(
      'Line 2 has the wrong number of cells in a.csv: expected 2 cells, got 3.',
    );
    expect(await refusal('a.csv', 'a,b,a\n1,2,3\n')).toBe(
      'Two columns of a.csv have the same name: expected different names, got "a" twice. Rename one.',
    );
    expect(await refusal('a.csv', 'a,b\n')).toBe(
      'No rows in a.csv: expected at least 1, got the columns a, b and no row. Check the export.',
    );
    expect(await refusal('a.csv', '\n \n')).toBe('No rows in a.csv: expected at least 1, got none. Check the export.');
    expect(await refusal('a.csv', 'a,b\n1,2\n', { minRows: 2 })).toBe(
      'Too few rows in a.csv: expected at least 2, got 1. The table needs at least 2 rows.',
    );
    expect(await refusal('a.csv', 'weight,b\n1,2\n', { columns: ['wieght'] })).toBe(
      'Unknown column of a.csv: expected one of weight, b, got "wieght". Did you mean "weight"?',
    );
    expect(await refusal('a.csv', 'a,b\n1,"2\n3,4\n')).toContain(
      'A misplaced quote in a.csv: expected quoted cells as "a", a quote within a cell as "", got Quote Not Closed',
    );
    expect(await refusal('a.csv', 'a,b\n1,2"x"\n')).toContain('at line 2');
    expect(await refusal('a.csv', made.littleFloat)).toBe(
      'No text in a.csv: expected comma-separated text in UTF-8, got binary data. Export the table as CSV in UTF-8.',
    );
    expect(await refusal('a.csv', Buffer.from('a,b\n1,2', 'utf16le'))).toContain('No text in a.csv');
  });
});

describe('readFrame of a wide table', () => {
  it('readFrame checks the names of many columns in a short time', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    expect((await read('a.csv', `${names.join()}\n${names.map((_, i) => i).join()}\n`)).columns).toHaveLength(100_000);
    expect(await refusal('a.csv', `${names.join()},c7\n`)).toBe(
      'Two columns of a.csv have the same name: expected different names, got "c7" twice. Rename one.',
    );
  });
});

describe('readFrame of a NumPy array', () => {
  it('readFrame reads files that NumPy wrote, in both byte orders and both storage orders', async () => {
    const columns = ['x0', 'x1'];
    const floats = {
      columns,
      rows: [
        [1.5, -2],
        [3, 4.25],
        [5, 6],
      ],
    };
    for (const content of [made.littleFloat, made.bigDouble, made.bigFortran, made.version2])
      expect(await read('a.npy', content)).toEqual(floats);
    expect(await read('a.npy', made.bigShort)).toEqual({
      columns,
      rows: [
        [1, -2],
        [300, 4],
        [5, 6],
      ],
    });
    expect(await read('a.npy', made.longs)).toEqual({
      columns,
      rows: [
        [1, -2],
        [2 ** 40, 4],
        [5, 6],
      ],
    });
    expect(await read('a.npy', made.bytes)).toEqual({
      columns,
      rows: [
        [1, 255],
        [0, 4],
        [5, 6],
      ],
    });
    expect(await read('a.npy', made.words)).toEqual({
      columns,
      rows: [
        [1, 2 ** 32 - 1],
        [0, 4],
        [5, 6],
      ],
    });
    expect(await read('a.npy', made.booleans)).toEqual({ columns: ['x0'], rows: [[1], [0], [1]] });
    expect(await read('a.npy', made.littleFloat, { columns: ['x1'] })).toEqual({
      columns: ['x1'],
      rows: [[-2], [4.25], [6]],
    });
  });

  it('readFrame throws an error that describes what is wrong with a NumPy file', async () => {
    expect(await refusal('a.npy', made.littleFloat.subarray(0, 150))).toBe(
      'A truncated array in a.npy: expected 152 bytes, as in its header, got 150. Copy or save the file again.',
    );
    expect(await refusal('a.npy', made.littleFloat.subarray(0, 60))).toBe(
      'A truncated array in a.npy: expected 128 bytes, as in its header, got 60. Copy or save the file again.',
    );
    expect(await refusal('a.npy', made.version2.subarray(0, 11))).toContain('A truncated array in a.npy');
    const boastful = Buffer.from(
      made.littleFloat.toString('latin1').replace('(3, 2), }        ', '(300000000, 2), }'),
      'latin1',
    );
    expect(await refusal('a.npy', boastful)).toContain('expected 2400000128 bytes, as in its header, got 152');
    expect(await refusal('a.npy', made.objects)).toBe(
      'Elements that are not real numbers in a.npy: expected real numbers or booleans, got dtype |O. Save array.astype("float32").',
    );
    expect(await refusal('a.npy', made.complex)).toContain('got dtype <c16');
    expect(await refusal('a.npy', made.text)).toContain('got dtype <U2');
    expect(await refusal('a.npy', made.fields)).toContain('got dtype with fields');
    expect(await refusal('a.npy', made.scalar)).toBe(
      'An array of the wrong shape in a.npy: expected [rows] or [rows, columns], got []. Reshape it to one row for each sample.',
    );
    expect(await refusal('a.npy', made.cube)).toContain('expected [rows] or [rows, columns], got [2, 2, 2]');
    expect(await refusal('a.npy', 'a,b\n1,2\n3,4\n')).toBe(
      'No NumPy array in a.npy: expected a file of numpy.save, got other data. Save the array with numpy.save.',
    );
    const shapeless = (shape: string): Buffer =>
      Buffer.from(made.littleFloat.toString('latin1').replace('(3, 2)', shape), 'latin1');
    expect(await refusal('a.npy', shapeless('(0, 2)'))).toBe(
      'No rows in a.npy: expected at least 1, got [0, 2]. Check the export.',
    );
    // A billion column names would fill the memory, although the array contains no numbers.
    expect(
      await refusal(
        'a.npy',
        Buffer.from(made.littleFloat.toString('latin1').replace('(3, 2), }        ', '(0, 1000000000),}'), 'latin1'),
      ),
    ).toContain('No rows in a.npy');
    expect(await refusal('a.npy', shapeless('(3, 0)'))).toBe(
      'No columns in a.npy: expected at least 1, got 0. Check the export.',
    );
  });
});

describe('readFrame of a Parquet file', () => {
  it('readFrame reads a Parquet file with many row groups', async () => {
    const data = Float64Array.from({ length: 5000 }, (_, i) => i);
    const { rows } = await read(
      'a.parquet',
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data, type: 'DOUBLE' }], rowGroupSize: 700 })),
    );
    expect(rows.map(([value]) => value)).toEqual([...data]);
  });

  it('readFrame throws an error that describes what is wrong with a Parquet file', async () => {
    expect(await refusal('a.parquet', made.arrowTable, { columns: ['l'] })).toContain('got a nested value');
    expect(await refusal('a.parquet', made.arrowTable, { columns: ['ff'] })).toContain(
      'expected one of f, i, b, s, m, t, l, got "ff". Did you mean "f"?',
    );
    expect(await refusal('a.parquet', 'a,b\n1,2\n3,4\n')).toMatch(
      new RegExp(
        String.raw`^No readable Parquet table in a\.parquet: expected a complete Parquet file, got .+\. ` +
          String.raw`Write the file again, with Snappy compression or none\.$`,
      ),
    );
    expect(await refusal('a.parquet', made.arrowTable.subarray(0, 500))).toContain('No readable Parquet table');
    const broken = Buffer.from(made.arrowTable).fill(0, 4, 200);
    expect(await refusal('a.parquet', broken, { columns: ['f'] })).toContain('No readable Parquet table');
  });
});

describe('readFrame of any file', () => {
  it('readFrame throws an error that describes what is wrong with the path', async () => {
    expect(readableExtensions.join(' ')).toBe(
      '.csv .tsv .jsonl .ndjson .npy .parquet .csv.gz .tsv.gz .jsonl.gz .ndjson.gz',
    );
    expect(await refusal('none.csv', undefined)).toBe(
      'Cannot read none.csv: expected a file, got nothing at that path. Check the path.',
    );
    await mkdir(join(folder, 'sub.csv'));
    expect(await refusal('sub.csv', undefined)).toBe(
      'Cannot read sub.csv: expected a file, got a folder. Name a file in it.',
    );
    for (const name of readableExtensions.map((extension) => `e${extension}`)) {
      expect(await refusal(name, '')).toBe(`Empty file ${name}: expected a table, got 0 bytes. Check the export.`);
    }
    expect(await refusal('a.parqet', undefined)).toBe(
      `Unknown kind of file a.parqet: expected one of ${readableExtensions.join(', ')}, got ".parqet". Did you mean ".parquet"?`,
    );
    expect(await refusal('a.spreadsheet', undefined)).toContain(
      'got ".spreadsheet". Convert the table to one of these.',
    );
    expect(await refusal('a', undefined)).toContain('got no extension. Convert');
  });

  it('readFrame accepts an extension in capital letters', async () => {
    expect((await read('A.CSV', 'a\n1')).rows).toEqual([[1]]);
  });
});
