import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { loadCheckpoint } from '@impflow/training';
import { beforeAll, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const noise = normals(key(1), 240);
const TINY = ['--batch', '20', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet'];

beforeAll(async () => {
  csv(
    at('rows.csv'),
    '=1+2,\u001b[31mred',
    Array.from({ length: 120 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
  json(await within('train', '--data', at('rows.csv'), ...TINY, '--steps', '2', '--json', '--out', at('run')));
});

it.each([
  ['inspect', []],
  ['evaluate', []],
  ['data describe', []],
  ['evaluate', ['--data', 'other.csv']],
] as const)('`impflow %s` replaces the control characters of a column name', async (command, more) => {
  csv(at('other.csv'), '\u001b[31mred,b', [
    [1, 2],
    [3, 4],
  ]);
  const { stdout, stderr } = await within(
    ...command.split(' '),
    command === 'data describe' ? at('rows.csv') : at('run'),
    ...more.map((word) => word.replace('other', at('other'))),
  );
  expect(stdout + stderr).toContain('?[31mred');
  // eslint-disable-next-line no-control-regex
  expect(stdout + stderr).not.toMatch(/\u001b\[31mred/);
});

it('a column name that looks like a formula is written to CSV as text, and is recognized in a CSV that is read', async () => {
  json(await within('sample', at('run'), '-n', '30', '--out', at('drawn.csv'), '--json', '--quiet'));
  expect(readFileSync(at('drawn.csv'), 'utf8').split(',')[0]).toBe('" =1+2"');
  const [first, ...rest] = readFileSync(at('drawn.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').toReversed().join(','));
  csv(
    at('turned.csv'),
    first!,
    rest.map((line) => line.split(',')),
  );
  const scores = async (file: string): Promise<unknown> =>
    json(await within('score', at('run'), at(file), '--json', '--quiet'))['logDensity'];
  expect(await scores('turned.csv')).toEqual(await scores('drawn.csv'));
});

it('the error of a diverged training names the step of its checkpoint', async () => {
  const { code, stderr } = await within(
    'train',
    '--data',
    at('rows.csv'),
    ...TINY,
    '--steps',
    '50',
    '--validate-every',
    '20',
    '--optimizer',
    'sgd',
    '--lr',
    '1e37',
    '--out',
    at('diverged'),
  );
  expect(code).toBe(1);
  const { step } = await loadCheckpoint(at('diverged/checkpoint.safetensors'));
  expect(stderr).toContain(`The model after step ${step} was saved last, in ${at('diverged/checkpoint.safetensors')}.`);
  expect(stderr).not.toContain('last good step');
});
