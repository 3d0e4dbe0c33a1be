import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, normals, uniforms, type FlowError } from '@impflow/core';
import {
  dequantise,
  fitScaling,
  pickRows,
  readTable,
  selectColumns,
  splitRows,
  writeTable,
  type Table,
} from '@impflow/tables';
import { runKey } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { provenance } from '../../src/checkpoint/provenance.ts';
import type { RunRecord } from '../../src/checkpoint/record.ts';
import { sameData } from '../../src/checkpoint/same-data.ts';
import { asTable, loadRunData } from '../../src/dataset/run-data.ts';
import type { DataSource } from '../../src/dataset/source.ts';
import { loadTableData } from '../../src/dataset/split-table.ts';
import { registriesWith } from '../../src/plugins/registries.ts';
import { csv, temporary } from '../cli/harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SEED = 4;
const load = (source: DataSource): ReturnType<typeof loadTableData> => loadTableData(source, runKey(SEED, 'data'));
const refusal = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: FlowError) => `${error.code} ${error.message}`,
  );
/** Rows of an age in tenths and a size. */
const rows = (seed: number, count: number): readonly (readonly number[])[] => {
  const [ages, sizes] = [uniforms(fold(key(seed), 0), count), normals(fold(key(seed), 1), count)];
  return Array.from({ length: count }, (_, i) => [Math.floor(300 * ages[i]!) / 10, sizes[i]!]);
};
const noisy = (table: Table): Table => dequantise(table, { age: 0.1 }, fold(runKey(SEED, 'data'), 4));

beforeAll(async () => {
  csv(at('train.csv'), 'age,size', rows(1, 1000));
  csv(
    at('held.csv'),
    'size,note,age',
    rows(2, 150).map(([age, size]) => [size!, 'text', age!]),
  );
  csv(at('last.csv'), 'age,size', rows(3, 70));
  csv(at('lacking.csv'), 'ages,size', rows(3, 70));
  csv(at('gap.csv'), 'age,size', [...rows(3, 70), ['', 1]]);
  writeFileSync(at('list.txt'), 'age,size\n1,2\n');
  const train = await readTable(at('train.csv'));
  await writeTable(at('train.npy'), train);
  await writeTable(at('held.npy'), selectColumns(await readTable(at('last.csv')), ['age', 'size']));
  await writeTable(at('narrow.npy'), selectColumns(train, ['age']));
});

describe('a part with a file of its own', () => {
  it('is read with the columns of the training rows, and does not affect the scaling or the noise', async () => {
    const [all, held, last] = await Promise.all([
      readTable(at('train.csv')),
      readTable(at('held.csv'), { columns: ['age', 'size'] }),
      readTable(at('last.csv')),
    ]);
    const { train, validation, test, scaling, dequantised } = await load({
      data: at('train.csv'),
      validation: at('held.csv'),
      test: at('last.csv'),
    });
    expect(dequantised).toEqual({ age: 0.1 });
    expect(train.rows).toBe(1000);
    expect(scaling).toEqual(
      fitScaling(
        pickRows(
          noisy(all),
          splitRows(1000, { key: fold(runKey(SEED, 'data'), 5), fractions: { validation: 0, test: 0 } }).train,
        ),
      ),
    );
    expect(validation).toEqual(noisy(held));
    expect(test).toEqual(noisy(last));
  });

  it('leaves a tenth of the data for the other part', async () => {
    const both = { validation: at('held.csv'), test: at('last.csv') };
    for (const [part, other] of [
      ['validation', 'test'],
      ['test', 'validation'],
    ] as const) {
      const data = await load({ data: at('train.csv'), [part]: both[part] });
      expect([data.train.rows, data[part].rows, data[other].rows]).toEqual([
        900,
        part === 'validation' ? 150 : 70,
        100,
      ]);
      const inTrain = new Set(Array.from({ length: 900 }, (_, i) => data.train.values.slice(2 * i, 2 * i + 2).join()));
      for (let i = 0; i < 100; i++) expect(inTrain.has(data[other].values.slice(2 * i, 2 * i + 2).join())).toBe(false);
    }
  });

  it('gets the noise of the training rows, even if its own values suggest another', async () => {
    csv(
      at('whole.csv'),
      'age,size',
      rows(5, 200).map(([age, size]) => [Math.floor(age!), size!]),
    );
    const { dequantised, remarks, test } = await load({ data: at('train.csv'), test: at('whole.csv') });
    expect(dequantised).toEqual({ age: 0.1 });
    expect(remarks.slice(2)).toEqual([
      'Values in age repeat (multiples of 0.1): uniform noise in [0, 0.1) added, so that a density exists.',
    ]);
    expect(test.values.every((value, i) => i % 2 === 1 || value - Math.floor(value) < 0.1 + 1e-5)).toBe(true);
  });

  it('is matched by column order if the columns have no names', async () => {
    const { validation } = await load({ data: at('train.npy'), validation: at('held.npy') });
    expect([validation.columns, validation.rows]).toEqual([['x0', 'x1'], 70]);
    const named = await load({ data: at('train.csv'), validation: at('held.npy') });
    expect([named.validation.columns, named.validation.rows]).toEqual([['age', 'size'], 70]);
  });

  it.each<readonly [string, () => Promise<unknown>, string]>([
    [
      'an unknown column',
      () => load({ data: at('train.csv'), test: at('lacking.csv') }),
      'input [tables/readTable] Unknown column of FOLDER/lacking.csv: expected one of ages, size, got "age". Did you mean "ages"?',
    ],
    ['a missing cell', () => load({ data: at('train.csv'), validation: at('gap.csv') }), 'FOLDER/gap.csv, line 72'],
    ['another kind of file', () => load({ data: at('train.csv'), validation: at('list.txt') }), 'FOLDER/list.txt'],
    ['a missing file', () => load({ data: at('train.csv'), validation: at('none.csv') }), 'FOLDER/none.csv'],
    [
      'images',
      () => load({ data: at('train.csv'), validation: at('picture.png') }),
      'input [cli] FOLDER/picture.png does not fit the training rows: ' +
        'expected a table with columns age, size, got images. Give rows of numbers.',
    ],
    [
      'a folder',
      () => load({ data: at('train.csv'), validation: folder }),
      'does not fit the training rows: expected a table with columns age, size, got images.',
    ],
    [
      'too few columns without names',
      () => load({ data: at('train.csv'), test: at('narrow.npy') }),
      'input [cli] FOLDER/narrow.npy does not fit the training rows: ' +
        'expected 2 columns (age, size), got 1 (x0). Give the columns of the training rows, in this order.',
    ],
    [
      'bundled data',
      () => load({ data: at('train.csv'), test: 'cars' }),
      'input [cli] --test names no file: expected a file of rows: .csv, .tsv, .npy, .parquet, got "cars". Give a path.',
    ],
    [
      'parts of a toy',
      () => load({ data: 'moons', test: at('last.csv') }),
      'option [cli] --test has no use for the toy moons: expected --test with a table, got moons. Leave it out.',
    ],
    [
      'parts of images',
      () => loadRunData({ data: 'digits', validation: at('held.csv') }, runKey(SEED, 'data')),
      'option [cli] --validation has no use for the images digits: expected --validation with a table, got digits. Leave it out.',
    ],
  ])('is refused in words: %s', async (_what, run, said) => {
    expect(await refusal(run())).toContain(said.replaceAll('FOLDER', folder));
  });
});

describe('the same data again', () => {
  const recordOf = async (data: RunRecord['data'] & object): Promise<RunRecord> => {
    const found = await load(data);
    return {
      data,
      columns: found.columns,
      dequantised: found.dequantised,
      provenance: JSON.parse(JSON.stringify(provenance(found))),
    };
  };
  const again = async (record: RunRecord): ReturnType<typeof sameData> =>
    sameData(record, SEED, { folder: 'runs/mine', registries: await registriesWith() });

  it('come from the files that the run stores', async () => {
    const data = { data: at('train.csv'), validation: at('held.csv'), test: at('last.csv') };
    expect(await again(await recordOf(data))).toEqual(await load(data));
  });

  it('are refused if a file has changed', async () => {
    csv(at('moving.csv'), 'age,size', rows(6, 50));
    const record = await recordOf({ data: at('train.csv'), test: at('moving.csv') });
    await again(record);
    csv(at('moving.csv'), 'age,size', rows(7, 50));
    expect(await refusal(again(record))).toMatch(
      new RegExp(
        String.raw`^input \[cli\] .*moving\.csv is not what runs/mine was trained on: ` +
          String.raw`expected values with SHA-256 [0-9a-f]{12}, got [0-9a-f]{12}\. Restore the file, ` +
          String.raw`or start a new run\.$`,
      ),
    );
  });

  it('keep the noise of the run: on whole numbers only in an earlier version', async () => {
    const record = await recordOf({ data: at('train.csv') });
    const { train, dequantised } = asTable(await again({ ...record, dequantised: {} }));
    expect(dequantised).toEqual({});
    expect(train.values.every((value, i) => i % 2 === 1 || Math.abs(10 * value - Math.round(10 * value)) < 1e-4)).toBe(
      true,
    );
  });
});

describe('a bundled data set with texts', () => {
  it('is a table if only its numbers are read, else records', async () => {
    const columns = ['delay (min)', 'distance (mi)'];
    const numbers = await loadRunData({ data: 'flights', columns }, runKey(SEED, 'data'));
    expect([numbers.kind, asTable(numbers).dequantised]).toEqual(['table', { 'delay (min)': 1, 'distance (mi)': 1 }]);
    expect((await loadRunData({ data: 'flights' }, runKey(SEED, 'data'))).kind).toBe('records');
    expect(
      (await loadRunData({ data: 'flights', columns, records: { given: ['origin'] } }, runKey(SEED, 'data'))).kind,
    ).toBe('records');
  });
});
