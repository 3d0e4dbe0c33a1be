import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  frameOf,
  openTableWriter,
  pickFrameRows,
  readFrame,
  tableParts,
  writeFrame,
  type Frame,
} from '@impflow/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cellsOf, readParts } from './parts/joined.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-writer-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const ROWS = 500;
const numbers = frameOf(
  Array.from({ length: ROWS }, (_, row) => ({ a: Math.sin(row), b: row % 7 === 0 ? null : row / 3, c: row })),
  'numbers',
);
const mixed = frameOf(
  Array.from({ length: ROWS }, (_, row) => ({
    x: row < 250 ? row / 8 : null,
    kind: [`=t${row % 3}`, null, 'say "a", b\n'][row % 3]!,
    zip: `0${row}`,
  })),
  'mixed',
);

/** Divides a frame into frames of `size` rows each. */
const pieces = (frame: Frame, size: number): readonly Frame[] =>
  Array.from({ length: Math.ceil(frame.rows / size) }, (_, piece) => {
    const from = piece * size;
    return pickFrameRows(
      frame,
      Uint32Array.from({ length: Math.min(size, frame.rows - from) }, (_row, i) => from + i),
    );
  });

const namesOf = ({ columns }: Frame): readonly string[] => columns.map(({ name }) => name);

const written = async (name: string, frame: Frame, size: number, texts: readonly string[] = []): Promise<string> => {
  const path = join(folder, name);
  const writer = await openTableWriter(path, namesOf(frame), { texts });
  for (const piece of pieces(frame, size)) await writer.write(piece);
  await writer.close();
  return path;
};

it.each([
  ['a.csv', numbers],
  ['b.csv', mixed],
  ['a.npy', numbers],
])('openTableWriter writes a %s file that is byte-identical to the file of writeFrame', async (name, frame) => {
  const whole = join(folder, `whole-${name}`);
  await writeFrame(whole, frame);
  for (const size of [1, 64, ROWS]) {
    const path = await written(name, frame, size);
    expect((await readFile(path)).equals(await readFile(whole)), `${name} by ${size}`).toBe(true);
  }
});

it('a Parquet file of openTableWriter is read as the written cells, and has one row group for each frame', async () => {
  for (const size of [64, ROWS]) {
    const path = await written('n.parquet', numbers, size);
    expect(cellsOf([await readFrame(path)])).toEqual(cellsOf([numbers]));
    const texts = await written('m.parquet', mixed, size, ['kind', 'zip']);
    expect(cellsOf([await readFrame(texts)])).toEqual(cellsOf([mixed]));
    const found = await tableParts(texts, { partRows: 64 });
    expect(found.parts.map(({ rows }) => rows)).toEqual(
      size === 64 ? [...Array.from({ length: 7 }, () => 64), 52] : [62, 63, 62, 63, 62, 63, 62, 63],
    );
    expect(cellsOf(await readParts(found))).toEqual(cellsOf([mixed]));
  }
});

it('the method `write` of a table writer finds the columns of a frame by their names', async () => {
  const path = join(folder, 'some.csv');
  const writer = await openTableWriter(path, ['c', 'a']);
  await writer.write(numbers);
  await writer.close();
  expect(namesOf(await readFrame(path))).toEqual(['c', 'a']);
});

it('each call of `write` stores a frame on the disk, and `close` renames the temporary file to its path', async () => {
  const inside = join(folder, 'inside-');
  for (const extension of ['csv', 'npy', 'parquet']) {
    const own = await mkdtemp(inside);
    const path = join(own, `a.${extension}`);
    await writeFile(path, 'old');
    const writer = await openTableWriter(path, namesOf(numbers));
    const sizes: number[] = [];
    for (const piece of pieces(numbers, 100)) {
      await writer.write(piece);
      const [temporary] = (await readdir(own)).filter((name) => name.endsWith('.tmp'));
      expect(temporary).toMatch(new RegExp(String.raw`^\.a\.${extension}\.${process.pid}\.`));
      sizes.push((await stat(join(own, temporary!))).size);
    }
    expect(sizes.every((size, i) => i === 0 || size > sizes[i - 1]! + 500)).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('old');
    await writer.close();
    expect(await readdir(own)).toEqual([`a.${extension}`]);
    expect((await readFrame(path)).rows).toBe(ROWS);
    await expect(writer.close()).rejects.toThrow('expected an open file, got a closed file');
    await writer.abort();
    expect((await readFrame(path)).rows).toBe(ROWS);
  }
});

it('the method `abort` of a table writer keeps the old file at the path', async () => {
  const own = await mkdtemp(join(folder, 'aborted-'));
  const path = join(own, 'a.parquet');
  await writeFile(path, 'old');
  const writer = await openTableWriter(path, namesOf(numbers));
  await writer.write(numbers);
  await writer.abort();
  await writer.abort();
  expect(await readdir(own)).toEqual(['a.parquet']);
  expect(await readFile(path, 'utf8')).toBe('old');
  await expect(writer.write(numbers)).rejects.toThrow('got a closed file');
});

it('a file that is closed without rows contains the names of its columns', async () => {
  for (const extension of ['csv', 'parquet']) {
    const path = join(folder, `none.${extension}`);
    await (await openTableWriter(path, ['a', 'b'])).close();
    await expect(readFrame(path)).rejects.toThrow('the columns a, b and no row');
    await expect(tableParts(path)).rejects.toThrow('the columns a, b and no row');
  }
});

it('a table writer accepts no more frames after an error, such as text in a column of numbers', async () => {
  for (const [extension, hint] of [
    ['npy', 'expected only numbers in a .npy, got "=t0". Write .csv or .parquet.'],
    [
      'parquet',
      'expected numbers, as in the columns that are not declared as texts, got "=t0". Name the column in the option texts.',
    ],
  ] as const) {
    const path = join(folder, `text.${extension}`);
    const writer = await openTableWriter(path, ['kind']);
    await expect(writer.write(mixed)).rejects.toThrow(
      `[tables/openTableWriter] Text in the column "kind" of mixed, row 1: ${hint}`,
    );
    await expect(writer.close()).rejects.toThrow(
      'expected an open file, got a file whose last write still runs or has failed',
    );
    await writer.abort();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  }
  const writer = await openTableWriter(join(folder, 'lacks.csv'), ['a', 'z']);
  await expect(writer.write(numbers)).rejects.toThrow('Unknown column of numbers: expected one of a, b, c, got "z"');
  await writer.abort();
});

it('openTableWriter throws for wrong extensions, columns and folders', async () => {
  await expect(openTableWriter(join(folder, 'a.txt'), ['a'])).rejects.toThrow(
    /expected one of \.csv, \.npy, \.parquet, got \.txt\. Change the extension\.$/,
  );
  await expect(openTableWriter(join(folder, 'a.csv'), [])).rejects.toThrow('Wrong columns');
  await expect(openTableWriter(join(folder, 'a.csv'), ['a', 'a'])).rejects.toThrow('Wrong columns');
  await expect(openTableWriter(join(folder, 'a.csv'), ['a'], { texts: ['b'] })).rejects.toThrow(
    'Unknown columns in the option texts',
  );
  await expect(openTableWriter(join(folder, 'no', 'a.csv'), ['a'])).rejects.toThrow(
    `[tables/openTableWriter] Cannot write a.csv into the folder ${join(folder, 'no')}: expected a folder, got nothing at that path. Create it first.`,
  );
});
