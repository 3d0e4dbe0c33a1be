import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decodeFrame, parsePackedFrame, readFrame, readTablePart, tableParts } from '@impflow/tables';
import { parquetMetadata } from 'hyparquet';
import { afterAll, describe, expect, it } from 'vitest';
import { gunzipped } from '../../src/read/gunzip.ts';
import { polarsTable } from '../fixtures.ts';
import { cellsOf, readParts } from '../parts/joined.ts';
import { rangeServer } from '../parts/range-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-packed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: Error) => error.message.replaceAll(`${folder}/`, ''),
  );

/** Rows with numbers, numbers as they are written, texts, gaps and marks of gaps. */
const objects = Array.from({ length: 2000 }, (_, row) => ({
  id: row,
  x: row % 11 === 0 ? null : row / 8,
  code: row % 7 === 0 ? '-' : `0${row % 9}`,
  kind: row % 5 === 0 ? '-' : `t "${row % 5}"\n, ü`,
  ok: row % 2 === 0,
  ...(row > 1990 ? { late: row } : {}),
}));
const jsonLines = `${objects.map((object) => JSON.stringify(object)).join('\n')}\n`;
const cellText = (value: unknown): string =>
  value === null || value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`;
const names = ['id', 'x', 'code', 'kind', 'ok', 'late'] as const;
const csvText = `${[names.join(','), ...objects.map((object) => names.map((name) => cellText((object as Record<string, unknown>)[name])).join(','))].join('\n')}\n`;

describe('JSON lines', () => {
  it('have the cells that the same rows have in a CSV', async () => {
    const [json, csv] = [await readFrame(file('a.jsonl', jsonLines)), await readFrame(file('a.csv', csvText))];
    const cells = (frame: typeof json): unknown => ({ ...(cellsOf([frame]) as object), places: [] });
    expect(cells(json)).toEqual(cells(csv));
    expect([json.place(0), json.place(1999)]).toEqual(['line 1', 'line 2000']);
  });

  it('may have blank lines, and may end without a line break; `columns` chooses the columns', async () => {
    const { columns, place } = await readFrame(file('b.ndjson', '\n{"a": 1, "b": [1]}\r\n\n{"c": "x", "a": 2.5}'), {
      columns: ['c', 'a'],
    });
    expect(columns.map(({ name, numbers, texts }) => [name, [...numbers], texts])).toEqual([
      ['c', [NaN, NaN], [undefined, 'x']],
      ['a', [1, 2.5], undefined],
    ]);
    expect([place(0), place(1)]).toEqual(['line 2', 'line 4']);
  });

  it.each([
    ['text', '{"a": 1}\nhello\n', 'Line 2 is not a JSON object in c.jsonl'],
    ['a list', '{"a": 1}\n\n[1, 2]\n', 'Line 3 is not a JSON object in c.jsonl: expected one object in each line'],
    ['an object over several lines', '{\n"a": 1\n}\n', 'Line 1 is not a JSON object in c.jsonl'],
    ['NaN', '{"a": 1}\n{"a": NaN}\n', 'Write one object in each line, and null for a missing cell.'],
    ['a nested value', '{"a": 1}\n{"a": {"b": 2}}\n', 'in the column "a" of c.jsonl, line 2'],
    ['binary data', Buffer.from([123, 0, 125]), 'No text in c.jsonl: expected JSON lines in UTF-8'],
    ['bytes that are not UTF-8', Buffer.from('{"a": "\xff"}', 'latin1'), 'Line 1 is not UTF-8 in c.jsonl'],
    ['only blank lines', '\n \n', 'No rows in c.jsonl'],
    [
      'objects without keys in common',
      Array.from({ length: 1500 }, (_, row) => JSON.stringify({ [`k${row}`]: row })).join('\n'),
      'Too few keys in common in c.jsonl',
    ],
  ])('with %s are refused with a message that names the place', async (_, text, said) => {
    expect(await refusal(readFrame(file('c.jsonl', text)))).toContain(said);
  });

  it('cut at any byte are read up to the cut, or refused', async () => {
    const bytes = new TextEncoder().encode('{"a": 1, "b": "ü"}\n{"a": 2, "b": "x"}\n');
    for (let length = 0; length < bytes.length; length++)
      expect(await refusal(decodeFrame('d.jsonl', bytes.subarray(0, length)))).toMatch(
        /^read$|^\[tables\/\w+\] .+ d\.jsonl: expected .+, got .+\.$/,
      );
  });
});

describe.each([
  ['a.jsonl', jsonLines],
  ['a.jsonl.gz', gzipSync(jsonLines)],
  ['a.csv.gz', gzipSync(csvText)],
  ['comments.csv', `\uFEFF# two "comments\r\n\n# ü, x\n${csvText}`],
  ['comments.tsv.gz', gzipSync(`# one, two\nx\ty\n${'1\t2\n-\t3\n'.repeat(2000)}`)],
  // A file may consist of several gzip files, one after the other.
  ['joined.csv.gz', Buffer.concat([gzipSync(csvText.slice(0, 9999)), gzipSync(csvText.slice(9999))])],
  // A server or a browser may have unpacked the file already.
  ['unpacked.csv.gz', csvText],
])('%s', (name, content) => {
  it('has the cells of the whole file in its parts, in any order and from the network', async () => {
    const path = file(name, content);
    const whole = await readFrame(path);
    const found = await tableParts(path, { partBytes: 5000 });
    expect(found.parts.length).toBeGreaterThan(3);
    expect(found).toMatchObject({
      rows: whole.rows,
      remarks: whole.remarks ?? [],
      columns: whole.columns.map(({ name: own }) => own),
    });
    expect(cellsOf(await readParts(found))).toEqual(cellsOf([whole]));
    const backwards = await Promise.all(found.parts.toReversed().map((part) => readTablePart(part)));
    expect(cellsOf(backwards.toReversed())).toEqual(cellsOf([whole]));
    const columns = [whole.columns.at(-1)!.name, whole.columns[0]!.name];
    const options = { columns, categories: columns };
    const chosen = await Promise.all(found.parts.map((part) => readTablePart(part, options)));
    expect(cellsOf(chosen)).toEqual(cellsOf([await readFrame(path, options)]));
    const server = await rangeServer(folder);
    try {
      const remote = await tableParts(`${server.url}/${name}?v=1`, { partBytes: 5000 });
      expect(cellsOf(await readParts(remote))).toEqual(cellsOf([whole]));
    } finally {
      await server.close();
    }
  });
});

describe('a table that is packed by gzip', () => {
  it('is read from bytes as from a file', async () => {
    const bytes = gzipSync(csvText);
    const whole = cellsOf([await readFrame(file('b.csv.gz', bytes))]);
    expect(cellsOf([await decodeFrame('b.csv.gz', bytes)])).toEqual(whole);
    expect(cellsOf([await parsePackedFrame('b.csv.gz', bytes)])).toEqual(whole);
  });

  it.each([
    ['cut', gzipSync(csvText).subarray(0, 500)],
    ['damaged', Buffer.from(gzipSync(csvText)).fill(7, 400, 420)],
    ['of another kind', gzipSync(Buffer.alloc(9999))],
  ])('that is %s is refused, as a whole and in parts', async (_, bytes) => {
    const path = file('c.csv.gz', bytes);
    for (const work of [readFrame(path), tableParts(path)])
      expect(await refusal(work)).toMatch(
        /^\[tables\/readFrame\] No (readable gzip data|text) in c\.csv\.gz: expected/,
      );
  });

  it('is refused if it unpacks to too much text', async () => {
    const packed = gzipSync(Buffer.alloc(2 ** 20, '1,2\n'));
    expect((await gunzipped('d.csv.gz', packed, 2 ** 20)).length).toBe(2 ** 20);
    expect(await refusal(gunzipped('d.csv.gz', packed, 2 ** 20 - 1))).toBe(
      '[tables/readFrame] Too much text in d.csv.gz: expected at most 1048575 bytes after unpacking, got more. Convert the table to Parquet.',
    );
  });
});

describe('a Parquet file of polars', () => {
  it('is compressed by Zstandard, and is read as a whole and in parts', async () => {
    const { buffer, byteOffset, byteLength } = polarsTable;
    const metadata = parquetMetadata(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
    expect(metadata.row_groups[0]!.columns.map((column) => column.meta_data!.codec)).toContain('ZSTD');
    const path = file('polars.parquet', polarsTable);
    const frame = await readFrame(path);
    expect(frame.columns.map((column) => [column.name, [...(column.texts ?? column.numbers)].slice(0, 4)])).toEqual([
      ['x', [1.5, -2.25, NaN, 4]],
      ['n', [1, 2, 3, NaN]],
      ['kind', ['a', 'b', undefined, 'öl']],
      ['day', ['2024-01-31', undefined, '2024-02-29', '1999-12-31']],
      ['ok', ['true', 'false', undefined, 'true']],
    ]);
    const { parts } = await tableParts(path, { partRows: 5 });
    expect(cellsOf(await Promise.all(parts.map((part) => readTablePart(part))))).toEqual(cellsOf([frame]));
  });

  it('with a changed byte is read or refused', async () => {
    const path = join(folder, 'changed.parquet');
    for (let at = 4; at < polarsTable.length - 900; at += 7) {
      const bytes = Buffer.from(polarsTable);
      bytes[at]! ^= 16;
      writeFileSync(path, bytes);
      const work = tableParts(path).then(({ parts }) => readTablePart(parts[0]!));
      expect(await refusal(work)).toMatch(/^read$|^\[tables\/\w+\] No readable Parquet table in changed\.parquet: /);
    }
  });
});
