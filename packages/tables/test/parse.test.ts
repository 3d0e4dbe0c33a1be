import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowError } from '@impflow/core';
import { readTable, toCsv, columnProblem, HEAD_ROWS, parseCsv, parseTable, toCsvText } from '@impflow/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badTexts, goodTexts } from './csv-cases.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-parse-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('parseTable', () => {
  it.each(goodTexts)('reads %s', (_what, name, bytes, columns, values) => {
    expect(parseTable(name, bytes)).toMatchObject({
      columns,
      rows: values.length / columns.length,
      values: Float32Array.from(values),
      source: name,
    });
  });

  it.each(badTexts)('refuses %s', async (_what, name, bytes, message) => {
    expect(() => parseTable(name, bytes)).toThrow(
      expect.objectContaining({ code: 'input', at: 'tables/readTable', message: `[tables/readTable] ${message}` }),
    );
    // A file of these bytes is refused with the same message.
    const path = join(folder, name);
    await writeFile(path, bytes);
    const error = await readTable(path).then(
      () => undefined,
      (reason: FlowError) => reason,
    );
    expect(error?.message.replaceAll(`${folder}/`, '')).toBe(`[tables/readTable] ${message}`);
  });

  it('finds the line of invalid bytes with every line ending', () => {
    for (const ending of ['\n', '\r\n', '\r']) {
      expect(() => parseTable('a.csv', Uint8Array.of(...utf8(`a${ending}1${ending}2${ending}`), 0xff))).toThrow(
        'Line 4 is not UTF-8',
      );
    }
  });

  it('follows its options', () => {
    expect(parseTable('a.csv', utf8('2019,2020\n1,2'), { header: true }).columns).toEqual(['2019', '2020']);
    expect([...parseTable('a.csv', utf8('a,b\n1,\n3,4'), { columns: ['b', 'a'], allowMissing: true }).values]).toEqual([
      NaN,
      1,
      4,
      3,
    ]);
    expect(() => parseTable('a.csv', utf8('a,b\n1,x\n'), { minRows: 10 })).toThrow(
      'Too few rows in a.csv: expected at least 10, got 1.',
    );
  });

  it('does not change the bytes, and accepts part of a longer array', () => {
    const bytes = utf8('##a\n1\n2##');
    const before = bytes.slice();
    expect([...parseTable('a.csv', bytes.subarray(2, -2)).values]).toEqual([1, 2]);
    expect(bytes).toEqual(before);
  });
});

describe('parseCsv', () => {
  it('keeps the first cells as written, and gives the line of each row', () => {
    const table = parseCsv('a.csv', utf8(`a,b\n 1e3 ,"x, y"\n\n${'2,NA\n'.repeat(20)}`));
    expect(table.rows).toBe(21);
    expect(table.head).toHaveLength(HEAD_ROWS);
    expect(table.head.slice(0, 2)).toEqual([
      ['1e3', 'x, y'],
      ['2', 'NA'],
    ]);
    expect([table.place(0), table.place(1), table.place(20)]).toEqual(['line 2', 'line 4', 'line 23']);
  });

  it('counts lines within quotes once, with every line ending', () => {
    for (const ending of ['\n', '\r\n', '\r']) {
      const table = parseCsv('a.csv', utf8(['"a', 'b"', '"1', '"', '', '2', '3'].join(ending)));
      expect([table.columns[0]!.values, table.place(0), table.place(1), table.place(2)]).toEqual([
        [1, 2, 3],
        'line 4',
        'line 6',
        'line 7',
      ]);
    }
  });
});

describe('columnProblem', () => {
  const problem = (cells: readonly string[]): unknown => {
    const { columns, rows } = parseCsv('a.csv', utf8(`a\n${cells.map((cell) => cell || '""').join('\n')}`));
    return columnProblem(columns[0]!, rows);
  };

  it('reports the most severe problem of a column, and none of a valid one', () => {
    expect(problem(['1', '-3.4e38'])).toBeUndefined();
    expect(problem(['1', '', 'two', 'inf'])).toEqual({ kind: 'text', row: 2, cell: 'two', count: 1 });
    expect(problem(['1', '', '-inf', '3'])).toEqual({ kind: 'infinite', row: 2, cell: '-Infinity', count: 1 });
    expect(problem(['1', '', '1e39'])).toEqual({ kind: 'too-large', row: 2, cell: '1e+39', count: 1 });
    expect(problem(['1', '', 'NA', '4'])).toEqual({ kind: 'missing', row: 1, cell: '', count: 2 });
  });
});

describe('toCsvText', () => {
  it('equals what toCsv writes, and reads back', () => {
    const table = { columns: ['a "quoted", c', 'ü'], rows: 2, values: Float32Array.of(0.1, NaN, -1e-7, 1 / 3) };
    expect(toCsvText(table)).toBe('"a ""quoted"", c",ü\n0.1,\n-1e-7,0.33333334\n');
    expect(toCsv(table).toString()).toBe(toCsvText(table));
    const { values, remarks: _, ...rest } = parseTable('a.csv', utf8(toCsvText(table)), { allowMissing: true });
    expect([rest, [...values]]).toEqual([{ columns: table.columns, rows: 2, source: 'a.csv' }, [...table.values]]);
  });
});
