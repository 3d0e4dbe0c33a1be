import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bits, fold, key, type FlowError, type Key } from '@impflow/core';
import { frameOf, parseFrame, readFrame, toCsvFrame, writeFrame, type Frame } from '@impflow/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bigDouble } from './fixtures.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-write-frame-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Returns a frame without the JavaScript types of its columns, which a file cannot store. */
const cells = ({ columns, rows }: Frame) => ({
  columns: columns.map(({ name, numbers, texts, written }) => ({ name, numbers, texts, written })),
  rows,
});

const ALPHABET = [
  'a',
  'B',
  ',',
  ';',
  '|',
  '\t',
  '"',
  '\n',
  '\r\n',
  '\r',
  ' ',
  "'",
  '=',
  '-',
  '+',
  '@',
  '1',
  '.',
  'é',
  '漢',
];

/**
 * Returns a random string without spaces at its ends. The string ends in a letter, so a reader never reads it as a
 * number or a missing cell.
 */
const anyText = (k: Key): string => {
  const words = bits(k, 8);
  return `${Array.from(words, (word) => ALPHABET[word % ALPHABET.length]).join('')}z`.trim();
};
/** Returns a random float64 with any exponent, which may be infinite. */
const anyNumber = (k: Key): number => {
  const value = new Float64Array(bits(k, 2).slice().buffer)[0]!;
  return Number.isNaN(value) ? Infinity : value;
};
const anyCell = (k: Key, kind: number): unknown => {
  const pick = bits(fold(k, 0), 1)[0]! % 4;
  if (pick === 0) return undefined;
  if (kind === 0) return anyNumber(fold(k, 1));
  if (kind === 1) return anyText(fold(k, 1));
  if (kind === 2)
    return pick === 1 ? ['007', '1e3', '+5', '.5', '12345678901234567890'][bits(k, 1)[0]! % 5] : anyText(k);
  return ['00501', '2', '33', '-'][bits(k, 1)[0]! % 4];
};
/**
 * Returns random rows with four kinds of columns: numbers, text, numbers and text, and whole numbers with leading zeros
 * and marks for missing cells.
 */
const anyFrame = (round: number): Frame => {
  const k = fold(key(7), round);
  const [width, rows] = [1 + (bits(k, 1)[0]! % 5), 1 + (bits(k, 2)[1]! % 12)];
  const kinds = Array.from(bits(fold(k, 1), width), (word) => word % 4);
  const names = Array.from({ length: width }, (_, j) => `n${j}${anyText(fold(k, 100 + j))}`);
  const objects = Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(names.map((name, j) => [name, anyCell(fold(fold(k, 2 + j), row), kinds[j]!)])),
  );
  return frameOf(objects, 'random');
};

describe('writeFrame', () => {
  it('a CSV that writeFrame wrote is read as equal cells', () => {
    let texts = 0;
    for (let round = 0; round < 1000; round++) {
      const frame = anyFrame(round);
      texts += frame.columns.filter((column) => column.texts !== undefined).length;
      expect(cells(parseFrame('a.csv', utf8(toCsvFrame(frame))))).toEqual(cells(frame));
    }
    expect(texts).toBeGreaterThan(500);
  });

  it('a Parquet file that writeFrame wrote is read as equal cells', async () => {
    for (let round = 0; round < 6; round++) {
      const frame = anyFrame(2000 + round);
      const path = join(folder, 'a.parquet');
      await writeFrame(path, frame);
      expect(cells(await readFrame(path))).toEqual(cells(frame));
    }
  });

  it('a NumPy file of writeFrame is read as equal numbers, and writeFrame refuses text in a .npy', async () => {
    const path = join(folder, 'a.npy');
    await writeFrame(
      path,
      frameOf(
        [
          { a: 0.1, b: null },
          { a: -3, b: 1e300 },
        ],
        'here',
      ),
    );
    expect((await readFrame(path)).columns).toEqual([
      { name: 'x0', numbers: Float64Array.of(0.1, -3) },
      { name: 'x1', numbers: Float64Array.of(NaN, 1e300) },
    ]);
    await expect(writeFrame(path, frameOf([{ a: 1 }, { a: 2, b: 'x' }], 'here'))).rejects.toThrow(
      '[tables/writeFrame] Text in the column "b" of here, row 2: expected only numbers in a .npy, got "x". Write .csv or .parquet.',
    );
  });

  it('writeFrame puts a space before text that a spreadsheet would run as a formula, but not before numbers', () => {
    const frame = frameOf(
      [
        { '=a': '=1+2', b: '+5' },
        { '=a': '-x', b: -1.5 },
        { '=a': 7, b: 'x' },
      ],
      'here',
    );
    expect(toCsvFrame(frame)).toBe('" =a",b\n" =1+2",+5\n" -x",-1.5\n7,x\n');
    expect(toCsvFrame(frame, { verbatim: ['=a'] })).toBe('=a,b\n=1+2,+5\n-x,-1.5\n7,x\n');
  });

  it('texts with and without an apostrophe before a formula are different after writing and reading', () => {
    const texts = ['-z', "'-z", "''-z", '=f', "'=f", '@', "'"];
    const frame = frameOf(
      texts.map((a) => ({ a })),
      'here',
    );
    expect(parseFrame('a.csv', utf8(toCsvFrame(frame))).columns[0]!.texts).toEqual(texts);
  });

  it('writeFrame writes numbers with a decimal point, also if the source file has decimal commas', async () => {
    const frame = parseFrame('a.csv', utf8('a;b\n1,50;x\n-,5;y, z\n3;1,5\n'));
    expect(toCsvFrame(frame)).toBe('a,b\n1.5,x\n-0.5,"y, z"\n3,1.5\n');
    const path = join(folder, 'b.csv');
    await writeFrame(path, frame);
    expect(await readFile(path, 'utf8')).toBe(toCsvFrame(frame));
    const columns = { columns: ['a'] };
    expect([...(await readFrame(path, columns)).columns[0]!.numbers]).toEqual([1.5, -0.5, 3]);
  });

  it('writeFrame writes a float32 with its shortest digits, and every other float64 with all digits', () => {
    const a = [Math.fround(0.1), 0.1, 1 / 3, Math.fround(1 / 3), 2 ** 53, -0];
    expect(
      toCsvFrame(
        frameOf(
          a.map((value) => ({ a: value })),
          'here',
        ),
      ),
    ).toBe('a\n0.1\n0.1\n0.3333333333333333\n0.33333334\n9007199254740992\n0\n');
  });

  it('column names that a spreadsheet would run as formulas are protected, and are read unchanged', async () => {
    const path = join(folder, 'formulas.csv');
    const names = ['=1+2', '+a', '-b', '@c', "'=f", "''-g", "'h", 'i=j'];
    await writeFrame(path, frameOf([Object.fromEntries(names.map((name) => [name, 0]))], 'here'));
    expect((await readFile(path, 'utf8')).split('\n')[0]).toBe(`" =1+2"," +a"," -b"," @c",'=f,''-g,'h,i=j`);
    expect((await readFrame(path)).columns.map(({ name }) => name)).toEqual(names);
  });

  it('in a CSV with one column, the line of a missing cell is not blank', async () => {
    const path = join(folder, 'gaps.csv');
    await writeFrame(path, frameOf([{ a: null }, { a: 0.1 }, { a: null }], 'here'));
    expect([...(await readFrame(path)).columns[0]!.numbers]).toEqual([NaN, 0.1, NaN]);
  });

  it('a NumPy file of writeFrame is byte-identical to the file that NumPy writes', async () => {
    const path = join(folder, 'n.npy');
    await writeFrame(
      path,
      frameOf(
        [
          { a: 1.5, b: -2 },
          { a: 3, b: 4.25 },
          { a: 5, b: 6 },
        ],
        'here',
      ),
    );
    // The NumPy fixture is big-endian, so its numbers and its header are converted to little-endian before the
    // comparison.
    const [own, theirs] = [await readFile(path), Buffer.from(bigDouble)];
    theirs.subarray(128).swap64();
    expect(own).toEqual(Buffer.from(theirs.toString('latin1').replace('>f8', '<f8'), 'latin1'));
  });

  it('writeFrame replaces an existing file, and deletes its temporary file', async () => {
    const own = join(folder, 'own');
    await mkdir(own);
    const path = join(own, 't.csv');
    await writeFile(path, 'old');
    await Promise.all(['1', '2', '3'].map((name) => writeFrame(path, frameOf([{ [`n${name}`]: 1 }], 'here'))));
    expect(await readFile(path, 'utf8')).toMatch(/^n[123]\n1\n$/);
    expect(await readdir(own)).toEqual(['t.csv']);
  });

  it('writeFrame throws an error that describes a wrong folder, and keeps the old file', async () => {
    const refusal = async (path: string): Promise<string> => {
      const error = await writeFrame(path, frameOf([{ a: 1 }], 'here')).then(
        () => undefined,
        (reason: FlowError) => reason,
      );
      return `${error?.code} ${error?.message.replaceAll(folder, '~')}`;
    };
    expect(await refusal(join(folder, 'none', 'a.csv'))).toBe(
      'input [tables/writeFrame] Cannot write a.csv into the folder ~/none: expected a folder, got nothing at that path. Create it first.',
    );
    await writeFile(join(folder, 'file'), 'kept');
    expect(await refusal(join(folder, 'file', 'a.csv'))).toBe(
      'input [tables/writeFrame] Cannot write a.csv into the folder ~/file: ' +
        'expected a folder, got a file in its place. Choose another folder.',
    );
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('kept');
    await mkdir(join(folder, 'taken.csv'));
    expect(await refusal(join(folder, 'taken.csv'))).toBe(
      'input [tables/writeFrame] Cannot write taken.csv into the folder ~: ' +
        'expected a free name, got a folder of that name. Choose another name.',
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  // The superuser can write to every folder on a disk. Therefore the superuser tests the folder /sys of Linux, in which
  // no user can create a file.
  const superuser = process.getuid?.() === 0;
  const noFolderIsClosed = process.platform === 'win32' || (superuser && process.platform !== 'linux');
  it.skipIf(noFolderIsClosed)(
    'writeFrame reports a folder that is not writable (skipped if the user can write everywhere)',
    async () => {
      const closed = superuser ? '/sys' : join(folder, 'closed');
      if (!superuser) {
        await mkdir(closed);
        await chmod(closed, 0o500);
      }
      await expect(writeFrame(join(closed, 'a.csv'), frameOf([{ a: 1 }], 'here'))).rejects.toThrow(
        new RegExp(
          `^\\[tables/writeFrame\\] Cannot write a\\.csv into the folder ${closed}: expected a folder to write ` +
            `to, got (no permission|a read-only file system)\\. Choose another folder`,
        ),
      );
    },
  );

  it('writeFrame refuses unknown extensions, and columns whose number of cells is not the number of rows', async () => {
    const frame = frameOf([{ a: 1 }], 'here');
    await expect(writeFrame(join(folder, 'a.txt'), frame)).rejects.toThrow(
      /^\[tables\/writeFrame\] Cannot write .*a\.txt: expected one of \.csv, \.npy, \.parquet, got \.txt\. Change the extension\.$/,
    );
    await expect(writeFrame(join(folder, 'a'), frame)).rejects.toThrow('got no extension');
    await expect(writeFrame(join(folder, 'a.csv'), { ...frame, rows: 2 })).rejects.toThrow(
      '[tables/writeFrame] Wrong number of cells in the column "a": expected 2 rows, got 1 cells.',
    );
  });
});
