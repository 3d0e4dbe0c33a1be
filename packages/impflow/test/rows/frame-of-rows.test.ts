import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { frameOf, parseFrame, writeFrame } from '@impflow/tables';
import { tableFromArrays, tableFromJSON } from 'apache-arrow';
import type { Rows } from 'impflow';
import { frameOfObjects, frameOfRows } from 'impflow/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellsOf, csv, penguins, type Penguin } from './fixtures.ts';
import { serverOf, type Served } from './server.ts';

const bytes = new TextEncoder().encode(csv);
const expected = cellsOf(parseFrame('penguins.csv', bytes));
const jsonLines = penguins.map((penguin) => JSON.stringify(penguin)).join('\n');
const folder = mkdtempSync(join(tmpdir(), 'impflow-rows-'));
const path = (name: string): string => join(folder, name);
let server: Served;

beforeAll(async () => {
  writeFileSync(path('penguins.csv'), csv);
  writeFileSync(path('penguins.tsv'), csv.replaceAll(',', '\t'));
  await writeFrame(path('penguins.parquet'), parseFrame('penguins.csv', bytes));
  writeFileSync(path('penguins.jsonl'), jsonLines);
  writeFileSync(path('penguins.csv.gz'), gzipSync(csv));
  writeFileSync(path('penguins.ndjson.gz'), gzipSync(jsonLines));
  server = await serverOf(folder);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const column = <Name extends keyof Penguin>(name: Name): readonly Penguin[Name][] =>
  penguins.map((penguin) => penguin[name]);
const columns = {
  species: column('species'),
  mass: column('mass'),
  eggs: Uint8Array.from(column('eggs')),
  tagged: column('tagged'),
  seen: column('seen'),
};

const forms: readonly (readonly [string, () => Rows<Penguin> | Promise<Rows<Penguin>>])[] = [
  ['objects', () => penguins],
  ['columns', () => columns],
  ['a path', () => path('penguins.csv')],
  ['the path of a TSV', () => path('penguins.tsv')],
  ['the path of a Parquet file', () => path('penguins.parquet')],
  ['the path of JSON lines', () => path('penguins.jsonl')],
  ['the path of a packed CSV', () => path('penguins.csv.gz')],
  ['the address of packed JSON lines', () => `${server.url}/penguins.ndjson.gz`],
  ['JSON lines as a blob of a type', () => new Blob([jsonLines], { type: 'application/x-ndjson' })],
  ['a packed file', () => new File([gzipSync(csv.replaceAll(',', '\t'))], 'penguins.tsv.gz')],
  ['the URL of a file', () => pathToFileURL(path('penguins.csv'))],
  ['the URL of a file as a string', () => pathToFileURL(path('penguins.csv')).href],
  ['an address', () => `${server.url}/penguins.csv?version=1`],
  ['an address as a URL', () => new URL(`${server.url}/penguins.tsv`)],
  ['the address of a Parquet file', () => `${server.url}/penguins.parquet`],
  ['an address without an extension', () => `${server.url}/typed/penguins`],
  ['a data address', () => `data:text/csv,${encodeURIComponent(csv)}`],
  ['a blob', () => new Blob([csv])],
  ['a blob of a type', () => new Blob([csv.replaceAll(',', '\t')], { type: 'text/tab-separated-values' })],
  ['a file', () => new File([csv.replaceAll(',', '\t')], 'penguins.tsv')],
  ['an arrow table of objects', () => tableFromJSON(penguins.map((row) => ({ ...row })))],
  ['an arrow table of columns', () => tableFromArrays(columns)],
  ['an array of chunks', () => [[], penguins.slice(0, 2), penguins.slice(2)]],
  ['an async iterable of chunks', () => chunks()],
  ['chunks as they arrive', () => arriving()],
];
const chunks = function* (): Iterable<readonly Penguin[]> {
  yield penguins.slice(0, 1);
  yield penguins.slice(1);
};
const arriving = async function* (): AsyncIterable<readonly Penguin[]> {
  for (const chunk of chunks()) yield await Promise.resolve(chunk);
};

describe('`frameOfRows`', () => {
  it.each(forms)('`frameOfRows` reads the same cells from %s', async (_what, rows) => {
    expect(cellsOf(await frameOfRows(await rows()))).toEqual(expected);
  });

  it('`frameOfRows` reads large typed arrays as columns, and NaN as a gap', async () => {
    const { columns, rows } = await frameOfRows({
      x: Float64Array.from({ length: 100_000 }, (_, i) => i / 3),
      y: Float32Array.from({ length: 100_000 }, (_, i) => (i === 7 ? NaN : i)),
      id: BigInt64Array.from({ length: 100_000 }, (_, i) => BigInt(i) - 9_007_199_254_740_993n),
    });
    expect(rows).toBe(100_000);
    expect([columns[0]!.numbers[99_999], columns[1]!.numbers[7], columns[1]!.texts]).toEqual([33333, NaN, undefined]);
    expect(columns[2]!.written!.slice(0, 2)).toEqual(['-9007199254740993', '-9007199254740992']);
  });

  it('`frameOfRows` reads a CSV with the given options; the source of the frame is the option `source` or the address', async () => {
    const frame = await frameOfRows(new Blob(['1|2,5\n3|4,5\n']), {
      header: false,
      separator: '|',
      decimal: ',',
      source: 'the upload',
    });
    expect(frame.columns.map(({ numbers }) => [...numbers])).toEqual([
      [1, 3],
      [2.5, 4.5],
    ]);
    expect(frame.source).toBe('the upload');
    expect((await frameOfRows(penguins, { source: 'the penguins' })).source).toBe('the penguins');
    expect((await frameOfRows(`${server.url}/penguins.csv?secret=1`)).source).toBe(`${server.url}/penguins.csv`);
  });
});

describe('`frameOfObjects`', () => {
  it('`frameOfObjects` reads rows synchronously, like `frameOf`', () => {
    expect(cellsOf(frameOfObjects(penguins, 'the rows'))).toEqual(cellsOf(frameOf([...penguins] as never, 'the rows')));
  });

  it.each([
    [{ a: 1 }, '[impflow/rows] Wrong rows: expected an array of objects, got one object. Put it in an array: [row].'],
    [Promise.resolve([]), 'Wrong rows: expected an array of objects, got a promise. Await it: await rows.'],
    [[], 'No rows in the rows: expected at least 1, got none.'],
  ])('`frameOfObjects` refuses %j', (rows, message) => {
    expect(() => frameOfObjects(rows as never, 'the rows')).toThrow(message);
  });
});

describe('errors of `frameOfRows`', () => {
  const WRONG = '[impflow/rows] Wrong rows: expected an array of objects, got';
  it.each([
    ['one object', { a: 1, s: 'x' }, `${WRONG} one object. Put it in an array: [row].`],
    ['an object without keys', {}, `${WRONG} one object.`],
    ['a number', 3, `${WRONG} a number. Put each value in a row: [{ x: 1 }, { x: 2 }].`],
    ['null', null, `${WRONG} null. Check where the rows come from.`],
    ['nothing', undefined, `${WRONG} undefined.`],
    ['a promise', Promise.resolve([{ a: 1 }]), `${WRONG} a promise. Await it: await rows.`],
    ['a function', () => [], `${WRONG} a function. Give what it returns.`],
    ['a typed array', Float32Array.of(1), `${WRONG} a typed array. If it is a column, give it a name: { x: values }.`],
    ['an answer of fetch', new Response('a\n1'), `${WRONG} a response of fetch.`],
    ['an empty array', [], 'No rows in the rows: expected at least 1, got none.'],
    ['empty columns', { a: [] }, 'No rows in the rows: expected at least 1, got the columns a and no row.'],
    ['arrays of cells', [[1, 2]], 'No object in the rows, row 1: expected an object with a value for each column, got'],
    [
      'columns of different lengths',
      { a: [1, 2], b: Float32Array.of(1) },
      'Columns of different lengths in the rows: expected 2 cells in each column, as in "a", got 1 in "b".',
    ],
    [
      'a column that is not a list',
      { a: [1], b: 2 },
      'Wrong column "b": expected an array of cells, as in other columns',
    ],
    ['a nested value', [{ a: 1 }, { a: { b: 1 } }], 'A value that cannot be a cell in the key "a" of the rows, row 2'],
    [
      'a nested cell',
      { a: [1, [2]] },
      'A value that cannot be a cell in the column "a" of the rows, row 2: expected a number',
    ],
    ['an invalid date', { a: [new Date('none')] }, 'got an invalid date'],
    ['a set of rows', new Set([{ a: 1 }]), 'Wrong chunk of rows: expected an array of objects, got one object. Yield'],
    ['the text of a CSV', 'a,b\n1,2\n', 'Wrong path: expected one line, got a string of several lines.'],
    ['a path without a file', '/no/such.csv', 'Cannot read /no/such.csv: expected a file, got nothing at that path.'],
    ['a path of another kind', 'table.xlsx', 'Unknown kind of file table.xlsx'],
    [
      'an invalid address',
      'http://[1',
      'Wrong address: expected an address such as https://example.org/table.csv, got "http://[1".',
    ],
    ['an address without a server', 'http://127.0.0.1:1/a.csv', 'Cannot read http://127.0.0.1:1/a.csv'],
    ['a blob that is not a table', new Blob([]), 'Empty file'],
  ])('`frameOfRows` refuses %s', async (_what, rows, message) => {
    await expect(frameOfRows(rows as never)).rejects.toThrow(message);
  });

  it('the error for an address contains the address and the response of the server', async () => {
    await expect(frameOfRows(`${server.url}/none.csv?key=secret`)).rejects.toThrow(
      `Cannot read ${server.url}/none.csv: expected a file, got status 404. Check the address and your rights.`,
    );
    await expect(frameOfRows(`${server.url}/page/penguins.csv`)).rejects.toThrow('got a web page. Give the address of');
    await expect(frameOfRows(`${server.url}/untyped/penguins`)).rejects.toThrow('got the content type "image/gif".');
  });
});
