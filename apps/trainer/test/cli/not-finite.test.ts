import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { readSafetensors, writeSafetensors, type HostTensors } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, fixture, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--steps', '4', '--batch', '20', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];
const STUCK = ['--plugin', fixture('stuck.mjs')];

/** Writes a checkpoint with one changed number in each tensor whose name matches `which`. Returns the path. */
const spoiled = async (name: string, which: RegExp, value: number): Promise<string> => {
  const { tensors, metadata } = await readSafetensors(at('run/checkpoint.safetensors'));
  const changed: HostTensors = Object.fromEntries(
    Object.entries(tensors).map(([path, tensor]) => {
      if (!which.test(path)) return [path, tensor];
      const data = tensor.data.slice() as Float32Array;
      data[data.length - 1] = value;
      return [path, { ...tensor, data }];
    }),
  );
  await writeSafetensors(at(name), changed, metadata);
  return at(name);
};

beforeAll(async () => {
  const noise = normals(key(1), 240);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 120 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
  json(await within('train', '--data', at('rows.csv'), ...TINY, '--out', at('run')));
});

describe('weights that are not finite', () => {
  it.each([
    ['NaN', /^best\.parameters\.blocks\.\d+\.gx/, NaN],
    ['infinite', /^best\.parameters\.blocks\.\d+\.gz/, -Infinity],
  ])('for %s weights in a checkpoint, every command names the tensor and exits with 2', async (name, which, value) => {
    const file = await spoiled(`${name}.safetensors`, which, value);
    const before = tree(folder);
    for (const args of [
      ['evaluate', file],
      ['evaluate', file, '--data', at('rows.csv')],
      ['sample', file, '-n', '3'],
      ['score', file, at('rows.csv')],
      ['inspect', file],
      ['export', file, '--out', at('w.safetensors')],
    ]) {
      const { code, stdout, stderr } = await within(...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        new RegExp(
          `${name}\\.safetensors: the tensor best\\.parameters\\.blocks\\S+ contains a number that is not ` +
            `finite: expected finite numbers, got ${value}`,
        ),
      );
    }
    expect(tree(folder)).toEqual(before);
  });
});

describe('draws that overflow', () => {
  it.each([
    ['to standard output', () => []],
    ['into a file', () => ['--out', at('hot.csv')]],
  ])('are an error, %s', async (_where, more) => {
    const { code, stdout, stderr } = await within('sample', at('run'), '-n', '7', '--temperature', '1e300', ...more());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/Wrong value of --temperature: expected a number above 0 and at most 10, got 1e\+300\./);
    expect(existsSync(at('hot.csv'))).toBe(false);
  });
});

describe('a flow whose solves all fail', () => {
  it('`train` and `evaluate` report an error if all equation solves of the flow fail', async () => {
    const trained = await within(
      'train',
      '--data',
      at('rows.csv'),
      ...TINY,
      ...STUCK,
      '--solver',
      'stuck',
      '--out',
      at('stuck'),
    );
    const evaluated = await within('evaluate', at('stuck'), ...STUCK, '--json');
    for (const { code, stdout, stderr } of [trained, evaluated]) {
      expect(stderr).toContain(
        'No solve of the flow succeeded: expected solves that converge for some rows, got solves that failed for all 12 rows.',
      );
      expect([code, stdout]).toEqual([1, '']);
    }
    // The trained weights are saved, although the evaluation fails.
    expect(existsSync(at('stuck/checkpoint.safetensors'))).toBe(true);
    expect(existsSync(at('stuck/lock'))).toBe(false);
  });
});
