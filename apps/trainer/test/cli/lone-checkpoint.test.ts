import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { encode as png } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  const noise = normals(key(1), 240);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 120 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
  const options = ['--batch', '20', '--hidden', '8', '--blocks', '1', '--quiet', '--json'];
  json(
    await within(
      'train',
      '--data',
      at('rows.csv'),
      '--steps',
      '12',
      '--validate-every',
      '4',
      ...options,
      '--out',
      at('run'),
    ),
  );
  mkdirSync(at('project'));
  // The test copies the checkpoint into the folder of its run, and into a folder with unrelated files.
  for (const name of ['run/backup.safetensors', 'project/backup.safetensors'])
    copyFileSync(at('run/checkpoint.safetensors'), at(name));
  for (const name of ['density.png', 'curves.png', 'config.json', 'metrics.jsonl', 'samples.csv'])
    writeFileSync(at(`project/${name}`), `mine: ${name}`);
});

describe.each(['run/backup.safetensors', 'project/backup.safetensors'])('the checkpoint %s', (name) => {
  it.each([
    ['plot', () => ['plot', at(name)]],
    ['train --resume', () => ['train', '--resume', '--out', at(name), '--steps', '16']],
    ['train', () => ['train', '--data', at('rows.csv'), '--steps', '2', '--out', at(name)]],
    ['train --force', () => ['train', '--data', at('rows.csv'), '--steps', '2', '--force', '--out', at(name)]],
  ] as const)('beside backup.safetensors, the command %s writes no file', async (_what, args) => {
    const before = tree(folder);
    const { code, stdout, stderr } = await within(...args(), '--json');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/backup\.safetensors .*expected a (run )?folder/);
    expect(tree(folder)).toEqual(before);
  });

  it('`evaluate`, `inspect`, `score` and `sample` read a checkpoint whose name is not checkpoint.safetensors', async () => {
    const before = tree(folder);
    expect(json(await within('evaluate', at(name), '--json'))['run']).toBe(at(name));
    for (const args of [
      ['inspect', at(name)],
      ['score', at(name), at('rows.csv')],
      ['sample', at(name), '-n', '2'],
    ])
      expect((await within(...args)).code).toBe(0);
    expect(tree(folder)).toEqual(before);
  });
});

describe('the path of the checkpoint in a run folder', () => {
  it('a run can be given by the path of its checkpoint.safetensors', async () => {
    const path = at('run/checkpoint.safetensors');
    expect(json(await within('plot', path, '--json'))['files']).toEqual([at('run/density.png'), at('run/curves.png')]);
    expect(json(await within('train', '--resume', '--out', path, '--steps', '16', '--quiet', '--json'))['run']).toBe(
      at('run'),
    );
    expect(readFileSync(at('run/metrics.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(16);
  });
});

it('`sample` writes images into a folder, and replaces no file in the folder', async () => {
  mkdirSync(at('images'));
  for (let i = 0; i < 12; i++)
    writeFileSync(
      at(`images/${i}.png`),
      png({
        width: 4,
        height: 4,
        data: new Uint8Array(16).map((_, j) => (37 * i + 11 * j) % 256),
        channels: 1,
        depth: 8,
      }),
    );
  const tiny = [
    '--steps',
    '1',
    '--batch',
    '4',
    '--scales',
    '1',
    '--blocks',
    '1',
    '--hidden',
    '2,2',
    '--dense-blocks',
    '0',
    '--workers',
    '1',
    '--quiet',
    '--json',
  ];
  json(await within('train', '--data', at('images'), ...tiny, '--out', at('pictures')));
  mkdirSync(at('drawn'));
  writeFileSync(at('drawn/2.png'), 'mine');
  const { code, stderr } = await within('sample', at('pictures'), '-n', '3', '--out', `${at('drawn')}/`);
  expect([code, stderr]).toEqual([2, expect.stringContaining('2.png exists already')]);
  expect(readFileSync(at('drawn/2.png'), 'utf8')).toBe('mine');
});
