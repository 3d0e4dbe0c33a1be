import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fold, isFlowError, key, normals, uniforms } from '@impflow/core';
import { readFrame, selectFrame, writeFrame } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataPlace, TableContents } from '../../src/checkpoint/contents.ts';
import { placeOf, readTable as readParts, readPartsAgain } from '../../src/read-table.ts';
import { splitTable } from '../../src/table/split.ts';

const SEED = 4;
let folder: string;
const at = (name: string): string => join(folder, name);

/** Returns rows with two numbers: an age with one decimal digit, and a size. */
const rows = (seed: number, count: number): readonly (readonly number[])[] => {
  const [ages, sizes] = [uniforms(fold(key(seed), 0), count), normals(fold(key(seed), 1), count)];
  return Array.from({ length: count }, (_, i) => [Math.floor(300 * ages[i]!) / 10, sizes[i]!]);
};
const csv = (name: string, header: string, cells: readonly (readonly unknown[])[]): Promise<void> =>
  writeFile(at(name), `${header}\n${cells.map((row) => row.join()).join('\n')}\n`);
const split = async ({ data, ...own }: DataPlace) =>
  splitTable(await readParts(data, own), { key: runKey(SEED, 'data') });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-parts-'));
  await csv('train.csv', 'age,size', rows(1, 1000));
  await csv(
    'held.csv',
    'size,note,age',
    rows(2, 150).map(([age, size]) => [size!, 'text', age!]),
  );
  await csv('last.csv', 'age,size', rows(3, 70));
  await csv('lacking.csv', 'ages,size', rows(3, 70));
  await csv('gaps.csv', 'age,size', [...rows(3, 70), ['', 1]]);
  await writeFile(at('list.txt'), 'age,size\n1,2\n');
  const train = await readFrame(at('train.csv'));
  const last = await readFrame(at('last.csv'));
  await writeFrame(at('train.npy'), train);
  await writeFrame(at('last.npy'), selectFrame(last, ['age', 'size']));
});
afterAll(() => rm(folder, { recursive: true }));

describe('separate validation and test rows', () => {
  it('separate validation and test rows are read like the training rows, and do not affect the fitted constants', async () => {
    const alone = await split({ data: at('train.csv'), validation: at('last.csv'), test: at('last.csv') });
    const { complete, validation, test, fitted } = await split({
      data: at('train.csv'),
      validation: at('held.csv'),
      test: at('last.csv'),
    });
    expect([complete.values.rows, validation.values.rows, test.values.rows]).toEqual([1000, 150, 70]);
    expect([fitted, complete]).toEqual([alone.fitted, alone.complete]);
    expect(fitted.columns).toMatchObject([{ name: 'age', resolution: 0.1 }, { name: 'size' }]);
    expect([...validation.cells.columns[1]!]).toEqual(rows(2, 150).map(([, size]) => size));
    expect(test.values.columns[0]!.every((value, i) => value - test.cells.columns[0]![i]! < 0.1 + 1e-6)).toBe(true);
  });

  it('a category that looks like a number is the same category in separate test rows, even if they have no text', async () => {
    const sizes = normals(key(9), 200);
    const cells = (marks: readonly string[]) => Array.from(sizes, (size, i) => [marks[i % marks.length], size]);
    await csv('marks.csv', 'mark,size', cells(['1.0', 'a', 'b']));
    await csv('ones.csv', 'mark,size', cells(['1.0']));
    const { fitted, test, remarks } = await split({ data: at('marks.csv'), test: at('ones.csv') });
    expect(fitted.columns[0]).toMatchObject({ kind: 'category', levels: expect.arrayContaining(['1.0']) });
    expect(remarks.join(' ')).not.toContain('did not see');
    expect(new Set(test.cells.columns[0]).size).toBe(1);
  });

  it('if only validation rows or only test rows are given, a tenth of the table is held out for the rows that are not given', async () => {
    const both = { validation: at('held.csv'), test: at('last.csv') };
    for (const [part, other, count] of [
      ['validation', 'test', 150],
      ['test', 'validation', 70],
    ] as const) {
      const parts = await split({ data: at('train.csv'), [part]: both[part] });
      expect([parts.complete, parts[part], parts[other]].map(({ values }) => values.rows)).toEqual([900, count, 100]);
      const trained = new Set(parts.complete.values.columns[1]!);
      expect(parts[other].values.columns[1]!.some((size) => trained.has(size))).toBe(false);
    }
  });

  it('separate test rows get noise of the same width as the training rows, even if the test rows have fewer digits', async () => {
    await csv(
      'whole.csv',
      'age,size',
      rows(5, 200).map(([age, size]) => [Math.floor(age!), size!]),
    );
    const { fitted, test } = await split({ data: at('train.csv'), test: at('whole.csv') });
    expect(fitted.columns[0]).toMatchObject({ resolution: 0.1 });
    expect(test.values.columns[0]!.every((value) => value - Math.floor(value) < 0.1 + 1e-5)).toBe(true);
  });

  it('separate validation rows may be a file without column names, with the column order of the table', async () => {
    const { validation } = await split({ data: at('train.npy'), validation: at('last.npy') });
    expect([validation.values.rows, validation.values.columns.length]).toEqual([70, 2]);
  });

  it('separate test rows with gaps are left out', async () => {
    const { test, gaps } = await split({ data: at('train.csv'), test: at('gaps.csv') });
    expect([test.values.rows, gaps.test]).toEqual([70, 1]);
  });

  it.each([
    ['without a column', 'lacking.csv', 'No column "age" in'],
    ['of another kind', 'list.txt', 'list.txt'],
    ['that is missing', 'none.csv', 'none.csv'],
  ])('a file of test rows %s is refused', async (_what, name, said) => {
    await expect(split({ data: at('train.csv'), test: at(name) })).rejects.toThrow(said);
  });
});

describe('`readPartsAgain`', () => {
  const contentsOf = async (data: DataPlace): Promise<TableContents> => {
    const parts = await split(data);
    return {
      data,
      distinct: parts.distinct,
      provenance: { source: parts.source, hash: parts.hash },
      options: {},
    } as unknown as TableContents;
  };

  it('`readPartsAgain` reads the original rows from the files whose paths the checkpoint stores', async () => {
    const data = { data: at('train.csv'), validation: at('held.csv'), test: at('last.csv') };
    expect(await readPartsAgain(await contentsOf(data), SEED, 'mine')).toEqual(await split(data));
  });

  it.each(['data', 'validation', 'test'] as const)(
    '`readPartsAgain` throws an error if the file of %s has changed',
    async (part) => {
      await csv('moving.csv', 'age,size', rows(6, 50));
      const data = { data: at('train.csv'), [part]: at('moving.csv') };
      const contents = await contentsOf(data);
      await readPartsAgain(contents, SEED, 'mine');
      await csv('moving.csv', 'age,size', rows(7, 50));
      const error: unknown = await readPartsAgain(contents, SEED, 'mine').catch((reason: unknown) => reason);
      expect(isFlowError(error, 'input')).toBe(true);
      expect((error as Error).message).toMatch(
        /differs from the data that mine was trained on: expected cells with SHA-256 [0-9a-f]{12}, got [0-9a-f]{12}\. Restore the file, give the same validation and test rows, or fit the model again\.$/,
      );
    },
  );

  it('`readPartsAgain` throws an error if the checkpoint does not store where its rows are', async () => {
    const { data: _data, ...contents } = await contentsOf({ data: at('train.csv') });
    await expect(readPartsAgain(contents, SEED, 'mine')).rejects.toThrow(
      'mine does not store where its rows are: expected rows to evaluate on, got none. Give the test rows: evaluate(rows).',
    );
  });
});

describe('`placeOf`', () => {
  it.each<readonly [unknown, string | undefined]>([
    ['table.csv', resolve('table.csv')],
    [pathToFileURL(resolve('a table.csv')), resolve('a table.csv')],
    ['https://example.org/table.csv', 'https://example.org/table.csv'],
    ['https://example.org/table.csv?token=5', undefined],
    ['https://me:secret@example.org/table.csv', undefined],
    ['data:text/csv,a%0A1', undefined],
    [[{ a: 1 }], undefined],
  ])('placeOf of %s is %s', (rows, place) => {
    expect(placeOf(rows)).toBe(place);
  });
});
