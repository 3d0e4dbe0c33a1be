import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  partExtensions,
  readFrame,
  readTablePart,
  tableParts,
  writeFrame,
  type Frame,
  type PartOptions,
  type PartsOptions,
} from '@impflow/tables';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { bigFortran, bigShort, longs, booleans } from '../fixtures.ts';
import { cellsOf, readParts } from './joined.ts';
import { rangeServer } from './range-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: Error) => error.message.replaceAll(`${folder}/`, '').replaceAll(folder, 'here'),
  );
const refused = (source: string | readonly string[], options?: PartsOptions): Promise<string> =>
  refusal(tableParts(source, options));

const texts = Array.from(
  { length: 3000 },
  (_, row) => `${row},${(row * 7) % 11 === 0 ? '-' : row / 8},"t ${row % 5}\n"`,
);
const rows = `${texts.join('\n')}\n`;
const csvText = `id,x,kind\n${rows}`;

describe('a CSV file in parts', () => {
  it('a CSV file is read in parts of whole lines, with cells as in the whole file', async () => {
    const path = file('a.csv', csvText);
    const found = await tableParts(path, { partBytes: 5000 });
    expect(found).toMatchObject({
      columns: ['id', 'x', 'kind'],
      bytes: csvText.length,
      rows: 3000,
      files: [path],
      remarks: [`${path}: header id, x, kind; commas between cells; decimal point.`],
    });
    expect(found.parts.length).toBeGreaterThan(10);
    expect(cellsOf(await readParts(found))).toEqual(cellsOf([await readFrame(path)]));
    const columns = ['kind', 'id'];
    expect(cellsOf(await readParts(found, columns))).toEqual(cellsOf([await readFrame(path, { columns })]));
  });

  it('with the option `categories`, the cells of parts are kept as they are written, as in the whole file', async () => {
    const path = file('grades.csv', `id,grade\n${'1,1.0\n2,?\n3,2\n'.repeat(20)}`);
    const { parts } = await tableParts(path, { partBytes: 100 });
    expect(parts.length).toBeGreaterThan(1);
    const read = (options: PartOptions): Promise<readonly Frame[]> =>
      Promise.all(parts.map((part) => readTablePart(part, options)));
    const whole = await readFrame(path, { categories: ['grade'] });
    expect(whole.columns[1]!.written!.slice(0, 3)).toEqual(['1.0', '?', '2']);
    expect(cellsOf(await read({ categories: ['grade'] }))).toEqual(cellsOf([whole]));
    expect(cellsOf(await read({}))).toEqual(cellsOf([await readFrame(path)]));
  });

  it('an error in a part contains the line number in the whole file', async () => {
    const read = async (path: string): Promise<unknown> => readParts(await tableParts(path, { partBytes: 5000 }));
    // The first MiB of a CSV file is parsed in one piece, so the error is tested within and after the first MiB.
    for (const times of [1, 30])
      expect(await refusal(read(file('ragged.csv', `id,x,kind\n${rows.repeat(times)}1,2\n`)))).toBe(
        `[tables/readFrame] Line ${6000 * times + 2} has the wrong number of cells in ragged.csv: expected 3 cells, got 2. Repair that line, or quote cells that hold the delimiter.`,
      );
    expect(await refused(file('open.csv', `${csvText}1,2,"x\n`), { partBytes: 5000 })).toBe(
      '[tables/readFrame] A misplaced quote in open.csv: expected quoted cells as "a", a quote within a cell as "", got Quote Not Closed: a quote that opens after line 6001 has no end. Repair that line.',
    );
    const latin = Buffer.concat([Buffer.from(`id,x,kind\n${rows.repeat(30)}1,2,`), Buffer.of(0xe9, 10)]);
    expect(await refusal(read(file('latin.csv', latin)))).toContain('Line 180002 is not UTF-8 in latin.csv');
  });

  it('all parts of a CSV file are read with the decimal sign that is found in the whole file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, row) => `${row};${'0'.repeat(60)}${row % 7}`);
    const path = file('late.csv', `a;b\n${lines.join('\n')}\n1;2,5\n`);
    const found = await tableParts(path, { partBytes: 400_000 });
    expect(found.remarks).toEqual([`${path}: header a, b; semicolons between cells; decimal comma.`]);
    const last = await readTablePart(found.parts.at(-1)!);
    expect(last.columns[1]!.numbers.at(-1)).toBe(2.5);
  });

  it('reading a CSV file in parts needs memory for one part, not for the whole file', () => {
    const path = join(folder, 'large.csv');
    const handle = openSync(path, 'w');
    writeSync(handle, 'x,text\n');
    const block = Array.from({ length: 500 }, (_, row) => `${row / 8},${'lorem ipsum '.repeat(80)}${row}\n`).join('');
    const blocks = Math.ceil(200e6 / block.length);
    for (let i = 0; i < blocks; i++) writeSync(handle, block);
    closeSync(handle);
    const main = new URL('../../../tables/dist/index.js', import.meta.url);
    // The program collects garbage after each part. Otherwise the peak of the program's memory would depend on the time
    // at which the engine collects garbage.
    const program = `
      import { readTablePart, tableParts } from ${JSON.stringify(main.href)};
      const { parts } = await tableParts(${JSON.stringify(path)});
      let rows = 0;
      for (const part of parts) {
        rows += (await readTablePart(part)).rows;
        gc();
      }
      console.log(JSON.stringify({ rows, parts: parts.length, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
    const told = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('../../../tables', import.meta.url)),
      encoding: 'utf8',
    });
    const { rows, parts, megabytes } = JSON.parse(told) as Record<string, number>;
    expect([rows, parts]).toEqual([500 * blocks, 96]);
    // The file has 200 MB.
    expect(megabytes).toBeLessThan(300);
    rmSync(path);
  });
});

describe('a Parquet file in parts', () => {
  const rows = 1000;
  const column = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row));
  const columnData = [
    { name: 'x', type: 'DOUBLE' as const, data: column((row) => (row % 3 === 0 ? null : Math.sin(row))) },
    { name: 'whole', type: 'INT64' as const, data: column((row) => BigInt(row) ** 2n + 2n ** 53n * BigInt(row % 2)) },
    {
      name: 'kind',
      type: 'STRING' as const,
      data: column((row) => (row > 900 ? ['red', '1.50', null][row % 3]! : '1.0')),
    },
    { name: 'zip', type: 'STRING' as const, data: column((row) => (row < 500 ? `0${row}` : '10115')) },
    { name: 'flag', type: 'BOOLEAN' as const, data: column((row) => (row < 400 ? null : row % 2 === 0)) },
    { name: 'time', type: 'TIMESTAMP' as const, data: column((row) => (row < 600 ? null : new Date(1e12 + row))) },
  ];
  const written = (rowGroupSize: number | number[]): Buffer =>
    Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));

  it('the parts of a Parquet file have the cells of the whole file', async () => {
    const path = file('a.parquet', written([50, 60, 70, 400]));
    const whole = cellsOf([await readFrame(path)]);
    for (const partRows of [7, 130, 5000]) {
      const found = await tableParts(path, { partRows });
      expect([found.rows, found.columns.length]).toEqual([rows, 6]);
      expect(cellsOf(await readParts(found)), String(partRows)).toEqual(whole);
    }
    const columns = ['zip', 'x'];
    expect(cellsOf(await readParts(await tableParts(path, { partRows: 130 }), columns))).toEqual(
      cellsOf([await readFrame(path, { columns })]),
    );
  });

  it('small row groups of a Parquet file are joined to parts, and large row groups are divided', async () => {
    const ranges = async (sizes: number[]): Promise<unknown> =>
      (await tableParts(file('b.parquet', written(sizes)), { partRows: 200 })).parts.map(({ from, to }) => [from, to]);
    expect(await ranges([200])).toEqual([0, 200, 400, 600, 800].map((from) => [from, from + 200]));
    expect(await ranges([50, 60, 70, 30, 500, 290])).toEqual(
      [0, 180, 210, 376, 543, 710, 855].map((from, i, all) => [from, all[i + 1] ?? rows]),
    );
  });

  it('a Parquet column of strings, booleans or times has the field `texts` in every part', async () => {
    const { parts } = await tableParts(file('c.parquet', written(1000)), { partRows: 100 });
    const { columns } = await readTablePart(parts[0]!);
    expect(columns.map(({ texts }) => texts !== undefined)).toEqual([false, false, true, true, true, true]);
  });

  it('tableParts refuses a damaged Parquet file', async () => {
    const bytes = written(1000);
    expect(await refused(file('cut.parquet', bytes.subarray(0, -9)))).toBe(
      '[tables/readFrame] No readable Parquet table in cut.parquet: expected a complete Parquet file, got another end. Write the file again, with Snappy compression or none.',
    );
    const wrong = Buffer.from(bytes);
    wrong.writeUInt32LE(2 ** 31, bytes.length - 8);
    expect(await refused(file('length.parquet', wrong))).toContain('expected metadata of at most 268435456 bytes');
    const length = bytes.readUInt32LE(bytes.length - 8);
    const codes = new Set<string>();
    // The reader does not loop forever for any of the changed bits.
    for (let at = bytes.length - 8 - length; at < bytes.length; at += 3) {
      const one = Buffer.from(bytes);
      one[at]! ^= 1 << (at % 8);
      const outcome = await tableParts(file('bit.parquet', one)).then(
        ({ rows: count }) => String(count),
        (error: { readonly code?: string }) => String(error.code),
      );
      codes.add(outcome);
    }
    expect([...codes].toSorted()).toEqual(['1000', 'input']);
  });
});

/** Returns a frame of numbers that do not repeat. */
const waves = (rows: number, names: readonly string[]): Frame => ({
  columns: names.map((name, j) => ({
    name,
    numbers: Float64Array.from({ length: rows }, (_, row) => Math.sin(names.length * row + j)),
  })),
  rows,
  source: 'waves',
  place: String,
});

describe('a NumPy file in parts', () => {
  it('the parts of a NumPy file have the numbers of the whole file, in both storage orders', async () => {
    const wide = join(folder, 'wide.npy');
    await writeFrame(wide, waves(100, ['a', 'b', 'c']));
    const files = [wide, ...[bigFortran, bigShort, longs, booleans].map((bytes, i) => file(`made-${i}.npy`, bytes))];
    for (const path of files) {
      const whole = await readFrame(path);
      for (const partRows of [1, 7, 1000]) {
        const found = await tableParts(path, { partRows });
        expect(cellsOf(await readParts(found)), path).toEqual(cellsOf([whole]));
      }
    }
    const found = await tableParts(wide, { partRows: 30 });
    expect(cellsOf(await readParts(found, ['x2', 'x0']))).toEqual(
      cellsOf([await readFrame(wide, { columns: ['x2', 'x0'] })]),
    );
  });

  it('tableParts refuses a truncated NumPy file', async () => {
    expect(await refused(file('cut.npy', longs.subarray(0, -1)))).toContain('A truncated array in cut.npy');
  });
});

describe('several files', () => {
  it('tableParts finds the files of a folder, a pattern or a list, in order', async () => {
    const many = join(folder, 'many');
    mkdirSync(join(many, 'inner.csv'), { recursive: true });
    for (const name of ['b.csv', 'a.csv', 'a-10.csv', '.hidden.csv', '.a.csv.1.0.tmp', 'manifest.json', '_SUCCESS'])
      writeFileSync(join(many, name), name === 'b.csv' ? 'y,x\n2,1\n' : 'x,y\n1,2\n');
    writeFileSync(join(many, 'c.tsv'), 'x\ty\n1\t2\n');
    const names = async (source: string | readonly string[]): Promise<readonly string[]> =>
      (await tableParts(source)).files.map((path) => path.slice(many.length + 1));
    expect(await names(many)).toEqual(['a-10.csv', 'a.csv', 'b.csv', 'c.tsv']);
    expect(await names(join(many, '*.csv'))).toEqual(['a-10.csv', 'a.csv', 'b.csv']);
    expect(await names(join(many, '?.csv'))).toEqual(['a.csv', 'b.csv']);
    expect(await names([join(many, 'c.tsv'), join(many, 'a*')])).toEqual(['c.tsv', 'a-10.csv', 'a.csv']);
    const found = await tableParts(many);
    expect([found.columns, found.rows, found.bytes]).toEqual([['x', 'y'], 4, 32]);
    // There is a remark for each file whose header or separator differs from the first file.
    expect(found.remarks).toEqual([
      `${many}/a-10.csv: header x, y; commas between cells; decimal point.`,
      `${many}/b.csv: header y, x; commas between cells; decimal point.`,
      `${many}/c.tsv: header x, y; tabs between cells; decimal point.`,
    ]);
    const frames = await readParts(found, ['x', 'y']);
    expect(frames.map(({ columns }) => columns.map(({ numbers }) => numbers[0]))).toEqual(
      Array.from({ length: 4 }, () => [1, 2]),
    );
  });

  it('tableParts throws if it finds no files, or if the columns of the files differ', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(await refused(empty)).toBe(
      `[tables/tableParts] No table in empty: expected files that end in ${partExtensions.join(', ')}, got nothing there. Check the path.`,
    );
    expect(await refused(join(folder, 'no*.csv'))).toContain('No table in no*.csv');
    expect(await refused(join(folder, 'x*', 'a.csv'))).toContain('expected * and ? only in the last part of the path');
    expect(await refused(join(folder, 'nothing.csv'))).toBe(
      '[tables/tableParts] Cannot read nothing.csv: expected a file or a folder, got nothing at that path. Check the path.',
    );
    expect(await refused([])).toContain('No files to read');
    expect(await refused(file('a.txt', 'x'))).toContain('Unknown kind of file a.txt');
    expect(await refused([file('xy.csv', 'x,y\n1,2\n'), file('xz.csv', 'x,z\n1,2\n')])).toBe(
      '[tables/tableParts] The columns of xz.csv differ from the columns of the first file: expected the columns of xy.csv, x, y, got no columns named y, additional columns z. Choose files of one table.',
    );
    expect(await refused(file('twice.csv', 'x,x\n1,2\n'))).toContain('Two columns of twice.csv have the same name');
    expect(await refused(file('header.csv', 'x,y\n'))).toBe(
      '[tables/tableParts] No rows in header.csv: expected at least 1, got the columns x, y and no row. Check the export.',
    );
    expect(await refused(file('none.csv', ''))).toContain('Empty file none.csv');
    expect(await refused(file('xy.csv', 'x,y\n1,2\n'), { partBytes: 0 })).toBe(
      '[tables/tableParts] Wrong partBytes: expected a whole number from 1 on, got 0.',
    );
  });
});

describe('a changed file', () => {
  it('readTablePart throws if the file was changed after its parts were found', async () => {
    const path = file('changing.csv', csvText);
    const { parts } = await tableParts(path, { partBytes: 20_000 });
    file('changing.csv', `${csvText}\n`);
    expect(await refusal(readTablePart(parts[0]!))).toBe(
      `[tables/readTablePart] changing.csv has changed since its parts were found: expected ${csvText.length} bytes, got ${csvText.length + 1} bytes. Call tableParts again, and do not change the file until its parts are read.`,
    );
    // These changes keep the number of bytes of the file: a wrong number of cells, text in a column of numbers, a quote
    // that is never closed.
    file('changing.csv', csvText.replace('0,-,', '0\n-,'));
    expect(await refusal(readTablePart(parts[0]!))).toContain('has the wrong number of cells');
    file('changing.csv', csvText.replace('1,0.125,', '1,text!,'));
    expect(await refusal(readTablePart(parts[0]!))).toContain('another cell in line 5');
    file('changing.csv', csvText.replace('"t 1\n"\n2,0', '"t 1\n\n\n 2,0'));
    expect(await refusal(readTablePart(parts[0]!))).not.toBe('read');
    expect(await refusal(readTablePart({ ...parts[0]!, rows: 1e9 }))).toContain('Not a part of a table');
    expect(await refusal(readTablePart({ ...parts[0]!, reading: undefined } as never))).toContain('Not a part');
  });
});

describe('a URL in parts', () => {
  it('the parts of a URL are read by requests for ranges of bytes', async () => {
    const server = await rangeServer(folder);
    try {
      const rows = 20_000;
      await writeFrame(join(folder, 'u.parquet'), waves(rows, ['a', 'b', 'c', 'd']));
      file('u.csv', csvText);
      file('u.npy', longs);
      for (const name of ['u.csv', 'u.parquet', 'u.npy']) {
        const options = { partBytes: 30_000, partRows: 5000 };
        const [local, far] = [
          await tableParts(join(folder, name), options),
          await tableParts(`${server.url}/${name}?v=1`, options),
        ];
        expect([far.rows, far.bytes, far.parts.length]).toEqual([local.rows, local.bytes, local.parts.length]);
        expect(cellsOf(await readParts(far))).toEqual(cellsOf(await readParts(local)));
      }
      const before = server.sent();
      const { parts, bytes } = await tableParts(`${server.url}/u.parquet`);
      for (const part of parts) await readTablePart(part, { columns: ['b'] });
      expect(server.sent() - before).toBeLessThan(0.65 * bytes);
      file('u.csv', `${csvText}1,2,3\n`);
      const { parts: old } = await tableParts(`${server.url}/u.csv`);
      file('u.csv', csvText);
      expect(await refusal(readTablePart(old[0]!))).toContain('has changed since its parts were found');
      expect(await refused(`${server.url}/no.csv`)).toBe(
        `[tables/tableParts] Cannot read ${server.url}/no.csv: expected status 206, got status 404. Check the address and your rights.`,
      );
      file('zero.csv', '');
      expect(await refused(`${server.url}/zero.csv`)).toContain('Empty file');
    } finally {
      await server.close();
    }
    expect(await refused(`${server.url}/u.csv`)).toBe(
      `[tables/tableParts] Cannot read ${server.url}/u.csv: expected an answer of its server, got ECONNREFUSED. Check the address and the network.`,
    );
  });

  it('a request for a URL is repeated if the server fails for a short time', async () => {
    const path = file('w.csv', csvText);
    const server = await rangeServer(folder, true, 1);
    try {
      const found = await tableParts(`${server.url}/w.csv`);
      expect(found.rows).toBe((await tableParts(path)).rows);
    } finally {
      await server.close();
    }
  });

  it('tableParts refuses a URL whose server does not send ranges of bytes', async () => {
    const server = await rangeServer(folder, false);
    try {
      file('v.csv', csvText);
      expect(await refused(`${server.url}/v.csv`)).toBe(
        `[tables/tableParts] Cannot read ${server.url}/v.csv: expected a server that sends ranges of bytes, got the whole file for a request of a range. Use another server, or download the file.`,
      );
    } finally {
      await server.close();
    }
  });
});
