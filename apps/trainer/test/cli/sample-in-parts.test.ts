import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrame } from '@impflow/tables';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, impflow, json, temporary, tree, within } from './harness.ts';
import { penguins, rowsCsv } from './tables.ts';

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
const SHORT = ['--steps', '20', '--batch', '100', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet'];
const drawn = async (...args: readonly string[]): Promise<unknown> =>
  json(await impflow('sample', ...args, '--quiet', '--json'));
const rowsOf = (name: string): string => {
  const { parts } = JSON.parse(readFileSync(at(name, 'manifest.json'), 'utf8')) as {
    readonly parts: readonly { readonly file: string }[];
  };
  return parts.map(({ file }) => readFileSync(at(name, file), 'utf8').replace(/^.*\n/, '')).join('');
};

beforeAll(async () => {
  compiled();
  json(await within('train', '--data', 'earthquakes', ...SHORT, '--json', '--out', at('quakes')));
  rowsCsv(at('birds.csv'), penguins());
  json(
    await within('train', '--data', at('birds.csv'), ...SHORT, '--given', 'Species', '--json', '--out', at('birds')),
  );
}, 120_000);

describe('`sample` in parts', () => {
  it('`sample` in parts draws the rows that one process draws, for any division into parts', async () => {
    await drawn(at('quakes'), '-n', '10000', '--seed', '3', '--out', at('whole.csv'));
    const rows = readFileSync(at('whole.csv'), 'utf8').replace(/^.*\n/, '');
    for (const partRows of ['2048', '5000'])
      await drawn(
        at('quakes'),
        '-n',
        '10000',
        '--seed',
        '3',
        '--out',
        at(`parts-${partRows}`),
        '--format',
        'csv',
        '--part-rows',
        partRows,
        '--workers',
        '2',
      );
    expect(rowsOf('parts-2048')).toBe(rows);
    expect(rowsOf('parts-5000')).toBe(rows);
    await drawn(
      at('quakes'),
      '-n',
      '10000',
      '--seed',
      '3',
      '--out',
      at('one.csv'),
      '--part-rows',
      '2048',
      '--workers',
      '2',
    );
    expect(readFileSync(at('one.csv'), 'utf8')).toBe(readFileSync(at('whole.csv'), 'utf8'));
  });

  it('`sample` in parts draws rows with categories under conditions', async () => {
    const options = ['-n', '500', '--given', 'Species=Gentoo', '--seed', '1'];
    await drawn(at('birds'), ...options, '--out', at('birds-whole.csv'));
    await drawn(at('birds'), ...options, '--out', at('birds-one.csv'), '--part-rows', '120', '--workers', '2');
    expect(readFileSync(at('birds-one.csv'), 'utf8')).toBe(readFileSync(at('birds-whole.csv'), 'utf8'));
    await drawn(at('birds'), ...options, '--out', at('birds-parts'), '--part-rows', '120');
    const { columns, rows } = await readFrame(at('birds-parts', 'part-00004.parquet'));
    expect(rows).toBe(20);
    expect(new Set(columns.find(({ name }) => name === 'Species')!.texts)).toEqual(new Set(['Gentoo']));
  });

  it('`sample` in parts writes the same files if it is called twice', async () => {
    for (const name of ['first', 'second']) await drawn(at('quakes'), '-n', '5000', '--out', at(name));
    expect(tree(at('first'))).toEqual(tree(at('second')));
  });

  it.each([
    ['no place', ['--workers', '2'], 'Drawing samples in parts needs --out'],
    [
      'conditions from a file',
      ['--workers', '2', '--given', 'birds.csv', '--out', 'x.csv'],
      'cannot be drawn in parts',
    ],
  ])('`sample` in parts refuses %s', async (_, options, message) => {
    const { code, stderr } = await impflow('sample', at('birds'), ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
