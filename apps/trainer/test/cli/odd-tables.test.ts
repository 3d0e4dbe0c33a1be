import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals, drawPermutation, uniforms } from '@impflow/core';
import { meanOf, readTable, splitTable, type TableParts } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within, type Outcome } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const COUNT = 1000;
const [noise, shares] = [normals(key(1), 4 * COUNT), uniforms(key(2), COUNT)];
const table = (name: string, column: (i: number) => number | string): string =>
  csv(
    at(name),
    'a,y',
    Array.from({ length: COUNT }, (_, i) => [column(i), noise[i]!]),
  );
const second = (i: number): number => Math.floor(600 * shares[i]!);
const day = (i: number): number => 20200101 + 100 * Math.floor(12 * shares[i]!) + (i % 28);
const train = (data: string, run: string, ...more: readonly string[]): Promise<Outcome> =>
  within(
    'train',
    '--data',
    at(data),
    '--steps',
    '4',
    '--batch',
    '100',
    '--hidden',
    '8',
    '--blocks',
    '1',
    '--workers',
    '1',
    '--out',
    at(run),
    ...more,
  );
const parts = async (data: string, options: { readonly distinct?: boolean } = {}): Promise<TableParts> =>
  splitTable(await readTable(at(data), {}), { key: key(0), ...options });
/** Mean loss of the test rows under a model of independent normal columns, without the constant terms. */
const gaussian = async (data: string): Promise<number> => {
  const { complete: rows, test } = await parts(data);
  const losses = rows.values.columns.map((column, j) => {
    const mean = meanOf(column);
    const scale = Math.sqrt(meanOf(column.map((x) => (x - mean) ** 2)));
    return Math.log(scale) + meanOf(test.values.columns[j]!.map((x) => ((x - mean) / scale) ** 2)) / 2;
  });
  return losses.reduce((sum, loss) => sum + loss, 0);
};
const scores = async (run: string, data: string): Promise<readonly number[]> =>
  json<{ logDensity: number[] }>(await within('score', at(run), at(data), '--json', '--quiet')).logDensity;
const drawn = async (run: string): Promise<readonly (readonly number[])[]> =>
  (await within('sample', at(run), '-n', '40')).stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));

beforeAll(() => {
  table('seconds.csv', (i) => 1_580_000_000 + second(i));
  table('shifted.csv', second);
  table('dates.csv', day);
  table('far.csv', (i) => 1e8 + noise[COUNT + i]!);
  table('near.csv', (i) => noise[COUNT + i]!);
});

describe('columns whose numbers need more digits than float32 has', () => {
  it('a column with a large offset has the likelihood that the column without the offset has', async () => {
    // The losses are not exactly equal. If the offset is not a multiple of the step, the noise changes other digits.
    expect(await gaussian('seconds.csv')).toBeCloseTo(await gaussian('shifted.csv'), 3);
    expect(await gaussian('far.csv')).toBeCloseTo(await gaussian('near.csv'), 3);
  });

  it('`train` and `sample` draw columns with a large offset in their original units', async () => {
    const told = (await train('dates.csv', 'dates')).stderr;
    expect(told).toMatch(/^a +number +0 +less 202\d{5}, in float64; .*in steps of 1$/m);
    const samples = readFileSync(at('dates/samples.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[0]));
    for (const dates of [samples, (await drawn('dates')).map(([date]) => date!)]) {
      expect(dates.every((date) => Number.isInteger(date) && date > 20190000 && date < 20220000)).toBe(true);
      // The samples include odd numbers, which float32 cannot represent in this range.
      expect(dates.some((date) => date % 2 === 1)).toBe(true);
    }
    expect((await within('inspect', at('dates'))).stdout).toMatch(/^a +less 202\d{5}, in float64;/m);
  });

  it('`score` keeps the digits of a cell that float32 cannot store, in files with and without column names, and after an export and import', async () => {
    const [one, next] = [20200612, 20200613].map((date) => csv(at(`${date}.csv`), 'a,y', [[date, 0.5]]));
    expect(await scores('dates', '20200612.csv')).not.toEqual(await scores('dates', '20200613.csv'));
    writeFileSync(at('nameless.csv'), readFileSync(one!, 'utf8').split('\n').slice(1).join('\n'));
    expect(await scores('dates', 'nameless.csv')).toEqual(await scores('dates', '20200612.csv'));
    json(await within('export', at('dates'), '--out', at('dates.safetensors'), '--json'));
    json(await within('import', at('dates.safetensors'), '--out', at('again'), '--json'));
    for (const file of [one!, next!])
      expect(json(await within('score', at('again'), file, '--json'))['logDensity']).toEqual(
        json(await within('score', at('dates'), file, '--json', '--quiet'))['logDensity'],
      );
    expect(json<{ heldOut: object }>(await within('evaluate', at('dates'), '--json')).heldOut).toMatchObject({
      rows: 100,
    });
  });
});

describe('degenerate tables', () => {
  it('a 0/1 column that is shifted by a half is recognized as a column with steps', async () => {
    table('half.csv', (i) => 0.5 + (i % 2));
    table('whole.csv', (i) => i % 2);
    const [half, whole] = [await parts('half.csv'), await parts('whole.csv')];
    expect(half.fitted.columns[0]).toEqual({ kind: 'number', name: 'a', offset: 0.5, resolution: 1 });
    expect(half.complete.values).toEqual(whole.complete.values);
  });

  it('rows that occur twenty times are used once, in one part of the split (training, validation or test)', async () => {
    const rows = Array.from({ length: 20 * 60 }, (_, i) => [noise[i % 60]!, noise[60 + (i % 60)]!]);
    csv(
      at('copies.csv'),
      'a,y',
      Array.from(drawPermutation(key(3), rows.length), (i) => rows[i]!),
    );
    const { complete: taken, validation, test, remarks, fitted } = await parts('copies.csv');
    const first = [taken, validation, test].flatMap(({ values }) => [...values.columns[0]!]);
    expect([first.length, new Set(first).size]).toEqual([60, 60]);
    expect(fitted.columns[0]).toEqual({ kind: 'number', name: 'a' });
    expect(remarks).toContain(
      '1140 of the 1200 rows are copies of other rows: ' +
        'each of the 60 different rows is used once, so that training, validation and test rows have no row in common.',
    );
    expect((await parts('copies.csv', { distinct: false })).test.values.rows).toBe(120);
  });

  it('for a single held-out row, `train` prints no error bar, and states that one row cannot show differences', async () => {
    csv(
      at('ten.csv'),
      'a,y',
      Array.from({ length: 10 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
    );
    const { stdout, stderr } = await within(
      'train',
      '--data',
      at('ten.csv'),
      '--steps',
      '200',
      '--lr',
      '0.05',
      '--validate-every',
      '200',
      '--hidden',
      '16',
      '--blocks',
      '2',
      '--workers',
      '1',
      '--out',
      at('ten'),
    );
    expect(stdout).toMatch(/implicit flow.*, one row: no error bar$/m);
    expect(stdout).toContain('\nOne test row cannot show differences.');
    expect(stdout + stderr).not.toMatch(/± 0(\.0+)?\b(?!\.)/);
    const told = await within('evaluate', at('ten'));
    expect(told.stdout).toMatch(/^> implicit flow .*one row: no error bar$/m);
    expect(json<{ heldOut: object }>(await within('evaluate', at('ten'), '--json')).heldOut).toMatchObject({
      rows: 1,
      standardError: null,
    });
  });
});

describe('assumptions of the table reader, such as the header and the separator', () => {
  it('`train` and `score` print how they read a file, and the run stores these settings for later commands', async () => {
    writeFileSync(
      at('comma.csv'),
      Array.from({ length: 100 }, (_, i) => `${noise[i]!.toFixed(4)};${noise[COUNT + i]!.toFixed(4)}`)
        .join('\n')
        .replaceAll('.', ','),
    );
    expect((await train('comma.csv', 'found', '--batch', '20')).stderr).toContain(
      'semicolons between cells; decimal comma, as in ',
    );
    const { stderr, code } = await train(
      'comma.csv',
      'comma',
      '--decimal',
      ',',
      '--header',
      'no',
      '--separator',
      ';',
      '--batch',
      '20',
    );
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(
        `${at('comma.csv')}: no header, columns x0, x1; semicolons between cells; decimal comma.`,
      ),
    ]);
    expect(json<{ heldOut: object }>(await within('evaluate', at('comma'), '--json')).heldOut).toMatchObject({
      rows: 10,
    });
    csv(at('swapped.csv'), 'b,a', [[1, 2]]);
    const score = await within('score', at('comma'), at('swapped.csv'));
    expect(score.stderr).toContain(`${at('swapped.csv')}: header b, a; commas between cells; decimal point.`);
    expect(score.stderr).toContain('The model has no names of columns: b, a are taken in this order for x0, x1.');
    expect((await within('score', at('comma'), at('swapped.csv'), '--separator', 'tap')).stderr).toContain(
      'Did you mean "tab"?',
    );
  });
});

describe('JSON lines with values that cannot be cells', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({
    x: i % 20 === 0 ? -999 : noise[i]!,
    shop: `a shop with the long name ${'of a market '.repeat(2 + (i % 3))}`,
    tags: [i],
    device: { os: 'a' },
  }));
  beforeAll(() => {
    writeFileSync(at('nested.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  });

  it('`train` names these columns, and trains with `--leave-out` or with `--columns`; `score` reads the file', async () => {
    expect((await train('nested.jsonl', 'nested')).stderr).toContain(
      'leave these 2 columns out with --leave-out: tags,device',
    );
    expect((await train('nested.jsonl', 'chosen', '--columns', 'x,shop')).code).toBe(0);
    expect((await train('nested.jsonl', 'nested', '--leave-out', 'tags,device', '--gaps=-999')).code).toBe(0);
    expect(await scores('nested', 'nested.jsonl')).toHaveLength(300);
  });

  it('`train` does not cut the descriptions of columns in a file, and `inspect` shows gap marks and left-out columns', async () => {
    const { stderr } = await train('nested.jsonl', 'nested', '--leave-out', 'tags,device', '--gaps=-999', '--force');
    const line = stderr.split('\n').find((text) => text.startsWith('shop '))!;
    expect(line.length).toBeGreaterThan(120);
    expect(line).not.toContain('-999');
    const { stdout } = await within('inspect', at('nested'));
    expect(stdout).toMatch(/^x +.*; -999 as gaps$/m);
    expect(stdout).toMatch(/^tags +left out: as asked$/m);
  });
});
