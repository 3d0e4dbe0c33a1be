import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bits, key, type FlowError } from '@impflow/core';
import { readTable, writeTable } from '@impflow/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { littleFloat } from './fixtures.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-write-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Floats of every exponent, from random bit patterns. Those that are not finite become zero. */
const floats = new Float32Array(bits(key(31), 3000).slice().buffer).map((value) =>
  Number.isFinite(value) ? value : 0,
);
const table = { columns: ['a', 'b "quoted", c', 'd'], rows: 1000, values: floats };

describe('writeTable', () => {
  it.each(['csv', 'npy', 'parquet'])('writes %s that reads back bit for bit', async (extension) => {
    const path = join(folder, `t.${extension}`);
    await writeTable(path, table);
    const back = await readTable(path);
    expect(back.columns).toEqual(extension === 'npy' ? ['x0', 'x1', 'x2'] : table.columns);
    expect(back.rows).toBe(1000);
    expect(back.source).toBe(path);
    // Compared by == instead of Object.is, because the text of a zero has no sign.
    expect(back.values.every((value, i) => value === floats[i])).toBe(true);
  });

  it.each(['csv', 'npy', 'parquet'])('writes missing values of one column as %s', async (extension) => {
    const path = join(folder, `m.${extension}`);
    await writeTable(path, { columns: ['x0'], rows: 3, values: Float32Array.of(NaN, 0.1, NaN) });
    expect([...(await readTable(path, { allowMissing: true })).values]).toEqual([NaN, Math.fround(0.1), NaN]);
  });

  it('writes names that a spreadsheet would run so that they are text, and reads them back', async () => {
    const path = join(folder, 'formulas.csv');
    const columns = ['=1+2', '+a', '-b', '@c', '\td', '\re', "'=f", "''-g", "'h", 'i=j'];
    await writeTable(path, { columns, rows: 1, values: new Float32Array(10) });
    expect((await readFile(path, 'utf8')).split('\n')[0]).toBe(`'=1+2,'+a,'-b,'@c,"'\td","'\re",''=f,'''-g,'h,i=j`);
    expect((await readTable(path)).columns).toEqual(columns);
  });

  it('writes the shortest decimals', async () => {
    const path = join(folder, 's.csv');
    await writeTable(path, { columns: ['a', 'b'], rows: 2, values: Float32Array.of(0.1, 16777216, -1e-7, 1 / 3) });
    expect(await readFile(path, 'utf8')).toBe('a,b\n0.1,16777216\n-1e-7,0.33333334\n');
  });

  it('writes the header that NumPy writes', async () => {
    const path = join(folder, 'n.npy');
    await writeTable(path, { columns: ['a', 'b'], rows: 3, values: Float32Array.of(1.5, -2, 3, 4.25, 5, 6) });
    expect(await readFile(path)).toEqual(littleFloat);
  });

  it('replaces the whole file and leaves no other file', async () => {
    const own = join(folder, 'own');
    await mkdir(own);
    const path = join(own, 't.csv');
    await writeFile(path, 'old');
    await Promise.all(
      ['1', '2', '3'].map((name) => writeTable(path, { columns: [`n${name}`], rows: 1, values: Float32Array.of(1) })),
    );
    expect(await readFile(path, 'utf8')).toMatch(/^n[123]\n1\n$/);
    expect(await readdir(own)).toEqual(['t.csv']);
  });

  it('says what is wrong, and keeps the old file', async () => {
    const refusal = async (path: string, values = floats): Promise<string> => {
      const error = await writeTable(path, { ...table, values }).then(
        () => undefined,
        (reason: FlowError) => reason,
      );
      return `${error?.code} ${error?.message.replaceAll(folder, '~')}`;
    };
    expect(await refusal(join(folder, 'a.xlsx'))).toBe(
      'option [tables/writeTable] Cannot write ~/a.xlsx: expected one of .csv, .npy, .parquet, got .xlsx. Change the extension.',
    );
    expect(await refusal(join(folder, 'a'))).toContain('got no extension');
    expect(await refusal(join(folder, 'a.csv'), floats.subarray(1))).toBe(
      'shape [tables/writeTable] Wrong number of values: expected 1000 rows of 3, got 2999 numbers.',
    );
    expect(await refusal(join(folder, 'none', 'a.csv'))).toBe(
      'input [tables/writeTable] Cannot write a.csv into the folder ~/none: expected a folder, got nothing at that path. Create it first.',
    );
    await writeFile(join(folder, 'file'), 'kept');
    expect(await refusal(join(folder, 'file', 'a.csv'))).toBe(
      'input [tables/writeTable] Cannot write a.csv into the folder ~/file: ' +
        'expected a folder, got a file in its place. Choose another folder.',
    );
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('kept');
    await mkdir(join(folder, 'taken.csv'));
    expect(await refusal(join(folder, 'taken.csv'))).toBe(
      'input [tables/writeTable] Cannot write taken.csv into the folder ~: ' +
        'expected a free name, got a folder of that name. Choose another name.',
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  // Permissions do not bind the superuser, but on Linux that user cannot write to /sys either.
  const superuser = process.getuid?.() === 0;
  it.skipIf(process.platform === 'win32' || (superuser && process.platform !== 'linux'))(
    'reports a folder that is not writable (skipped on Windows, and for the superuser outside Linux: none is closed there)',
    async () => {
      const closed = superuser ? '/sys' : join(folder, 'closed');
      if (!superuser) {
        await mkdir(closed);
        await chmod(closed, 0o500);
      }
      await expect(writeTable(join(closed, 'a.csv'), table)).rejects.toThrow(
        new RegExp(
          `^\\[tables/writeTable\\] Cannot write a\\.csv into the folder ${closed}: expected a folder to write ` +
            `to, got (no permission|a read-only file system)\\. Choose another folder`,
        ),
      );
    },
  );
});
