import { bits, fold, key } from '@impflow/core';
import { parseFrame, type Frame } from '@impflow/tables';
import { expect, it } from 'vitest';
import type { ByteSource } from '../../src/parts/byte-source.ts';
import { csvParts } from '../../src/parts/csv-parts.ts';
import { readCsvPart } from '../../src/parts/read-csv-part.ts';
import { chosenColumns } from '../../src/read/frame-columns.ts';
import { randomCsv } from './random-csv.ts';

const sourceOf = (file: string, bytes: Buffer): ByteSource => ({
  file,
  size: bytes.length,
  read: (from, to) => Promise.resolve(Buffer.from(bytes.subarray(from, to))),
  close: () => Promise.resolve(),
});

/** Returns the cells of a frame, with the bits of the numbers, and the places of its rows. */
const content = ({ columns, rows, place }: Frame): unknown => ({
  columns: columns.map(({ name, numbers, texts, written }) => ({
    name,
    bits: [...new BigUint64Array(numbers.slice().buffer)],
    texts,
    written,
  })),
  places: Array.from({ length: rows }, (_, row) => place(row)),
});

const joined = (parts: readonly Frame[]): Frame => {
  const places = parts.flatMap(({ rows, place }) => Array.from({ length: rows }, (_, row) => place(row)));
  const all = <T>(j: number, of: 'texts' | 'written'): readonly T[] =>
    parts.flatMap(({ columns }) => columns[j]![of] as readonly T[]);
  return {
    source: 'parts',
    rows: places.length,
    place: (row) => places[row]!,
    columns: parts[0]!.columns.map(({ name, texts, written }, j) => ({
      name,
      numbers: Float64Array.from(parts.flatMap(({ columns }) => [...columns[j]!.numbers])),
      ...(texts === undefined ? {} : { texts: all<string | undefined>(j, 'texts') }),
      ...(written === undefined ? {} : { written: all<string | undefined>(j, 'written') }),
    })),
  };
};

const inParts = async (name: string, bytes: Buffer, partBytes: number, headBytes: number): Promise<Frame> => {
  const source = sourceOf(name, bytes);
  const { parts, columns } = await csvParts(source, {}, partBytes, headBytes);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  chosenColumns(
    'test',
    { rows, columns: columns.map((column) => ({ name: column, values: [] })), place: String },
    name,
    {},
  );
  expect(parts.map(({ from }) => from)).toEqual([0, ...parts.map(({ to }) => to).slice(0, -1)]);
  expect(parts.at(-1)!.to).toBe(bytes.length);
  const frames: Frame[] = [];
  for (const part of parts) {
    const [travelled] = JSON.parse(JSON.stringify([part])) as [typeof part];
    frames.push(
      await readCsvPart('test', source, { ...travelled, size: bytes.length }, { columns: undefined, categories: [] }),
    );
  }
  return joined(frames);
};

const outcome = async (read: () => Frame | Promise<Frame>): Promise<unknown> => {
  try {
    return content(await read());
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
};

it('for parts of any size, readCsvPart returns rows that are bit-identical to the rows of the whole file', async () => {
  let [refused, several] = [0, 0];
  for (let round = 0; round < 1200; round++) {
    const k = fold(key(20), round);
    const { name, bytes } = randomCsv(fold(k, 0));
    const [part, head] = bits(fold(k, 1), 2);
    const partBytes = 1 + (part! % (round % 2 === 0 ? 12 : bytes.length));
    const whole = await outcome(() => parseFrame(name, bytes));
    const read = await outcome(() => inParts(name, bytes, partBytes, 1 + (head! % bytes.length)));
    expect(read, JSON.stringify([round, partBytes, bytes.toString()])).toEqual(whole);
    if (typeof whole === 'string') refused++;
    else if (partBytes < bytes.length / 2) several++;
  }
  expect(refused).toBeGreaterThan(40);
  expect(several).toBeGreaterThan(400);
});

it('csvParts throws an error for a quote that is never closed, before the file fills the memory', async () => {
  const bytes = Buffer.alloc(70 * 2 ** 20, 'a');
  bytes.write('x,y\n1,"');
  await expect(csvParts(sourceOf('a.csv', bytes), {}, 16)).rejects.toThrow(
    '[tables/readFrame] A line that does not end, after byte 0, in a.csv: expected at most 67108864 bytes, got more. A quote that opens there may have no end: repair it.',
  );
});
