import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals, type SolveReport } from '@impflow/core';
import { readSafetensors, writeSafetensors, type HostTensors } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { failedSolves } from '../../src/measure/failed-solves.ts';
import { finite, markNaN } from '../../src/measure/finite.ts';
import { csv, fixture, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--steps', '4', '--batch', '20', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];
const STUCK = ['--plugin', fixture('stuck.mjs')];

/** The checkpoint of the run, with one number changed in each tensor of these names. */
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
  ])('%s: every command names the tensor, with exit code 2', async (name, which, value) => {
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
          `${name}\\.safetensors: the tensor best\\.parameters\\.blocks\\S+ holds a number that is not ` +
            `finite: expected finite numbers, got ${value}`,
        ),
      );
    }
    expect(tree(folder)).toEqual(before);
  });
});

describe('samples that are not finite', () => {
  it.each([
    ['to standard output', () => []],
    ['into a file', () => ['--out', at('hot.csv')]],
  ])('are an error, %s', async (_where, more) => {
    const { code, stdout, stderr } = await within('sample', at('run'), '-n', '7', '--temperature', '1e300', ...more());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /Samples are not finite in 7 of 7 rows: expected finite numbers, got .*\. Lower --temperature\./,
    );
    expect(existsSync(at('hot.csv'))).toBe(false);
  });
});

describe('a flow whose solves all fail', () => {
  it('has no held-out figures in train and evaluate', async () => {
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
        '[cli] No solve of the flow succeeded: expected a residual of at most 0.001, got more for each of 12 held-out rows or images.',
      );
      expect([code, stdout]).toEqual([1, '']);
    }
    // The trained weights are saved nevertheless.
    expect(existsSync(at('stuck/checkpoint.safetensors'))).toBe(true);
    expect(existsSync(at('stuck/lock'))).toBe(false);
  });
});

const report = (
  phase: SolveReport['phase'],
  converged: readonly number[],
  residual: readonly number[],
): SolveReport => ({
  at: 'blocks.0',
  phase,
  status: 'max-steps',
  stats: {
    solver: 'a',
    steps: 1,
    evaluations: 1,
    path: ['a'],
    converged: Uint8Array.from(converged),
    status: converged.map((flag) => (flag === 1 ? 'converged' : 'max-steps')),
    residual: Float32Array.from(residual),
  },
});

it('counts each row with a failed forward solve once, and ignores solves that only rounding stops', () => {
  const failures = failedSolves(5);
  failures.report(report('forward', [1, 0, 0], [0, 0.5, 1e-5]));
  failures.report(report('forward', [1, 0, 1], [0, 0.5, 0]));
  failures.report(report('forward', [0, 1], [NaN, 0]), 3);
  failures.report(report('inverse', [0, 0, 0], [1, 1, 1]));
  expect(failures.count()).toBe(2);
  for (const first of [0, 2, 4]) failures.report(report('forward', [0], [1]), first);
  expect(() => failures.count()).toThrow(/No solve of the flow succeeded/);
});

it('rows without a log-density count as not converged; if all lack one, that is an error', () => {
  const converged = Uint8Array.of(1, 1, 1);
  markNaN(Float32Array.of(-1, NaN, -Infinity), converged);
  expect([...converged]).toEqual([1, 0, 1]);
  expect(() => markNaN(Float32Array.of(NaN, NaN), new Uint8Array(2))).toThrow(
    /Log-densities are not finite in 2 of 2 rows/,
  );
  expect(() => finite([1, NaN, NaN, 2, 3, Infinity], { what: 'Samples', each: 2, hint: 'Look.' })).toThrow(
    'Samples are not finite in 3 of 3 rows: expected finite numbers, got NaN. Look.',
  );
});
