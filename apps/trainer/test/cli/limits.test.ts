import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { imagePreset, implicitResNet, tabularPreset } from '@impflow/flows';
import { assertSpecSize, assertSpecFitsFile } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { asKnownError } from '../../src/terminal/errors.ts';
import { csv, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--steps', '2', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];

beforeAll(async () => {
  const noise = normals(key(1), 240);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 120 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
  json(await within('train', '--data', at('rows.csv'), '--batch', '20', ...TINY, '--out', at('run')));
});

const train = (...options: readonly string[]): readonly string[] => [
  'train',
  '--data',
  'moons',
  '--steps',
  '2',
  ...options,
  '--out',
  at('new'),
];

describe('options with sizes that are too large', () => {
  it.each([
    [
      'a width of a billion',
      () => train('--hidden', '1000000000'),
      /--hidden: expected 1 to 1024 whole numbers from 1 to 1048576 separated by commas/,
    ],
    [
      'widths whose product is too large',
      () => train('--hidden', '1000000,1000000'),
      /The model is too large: expected at most 268435456 numbers, got about/,
    ],
    [
      'two thousand layers',
      () => train('--hidden', Array.from({ length: 2000 }, () => '1').join()),
      /--hidden: expected 1 to 1024 whole numbers/,
    ],
    ['a million blocks', () => train('--blocks', '1000000'), /--blocks: expected a whole number from 1 to 10000/],
    [
      'more layers than a model may have',
      () => train('--blocks', '9000'),
      /The model has too many layers: expected at most 16384 layers and blocks/,
    ],
    [
      'a million workers',
      () => train('--workers', '1000000'),
      /--workers: expected a whole number from 1 to 256, auto, mpi or mpi:<n>/,
    ],
    ['a batch of 1e15', () => train('--batch', '1e15'), /--batch: expected a whole number from 1 to 16777216/],
    [
      'a billion dense blocks',
      () => train('--dense-blocks', '1000000000'),
      /--dense-blocks: expected a whole number from 0 to 10000/,
    ],
    [
      'a filter of 100,001',
      () => train('--kernels', '100001,1,1'),
      /--kernels: expected 1 to 1024 whole numbers from 1 to 999/,
    ],
    ['a billion scales', () => train('--scales', '1000000000'), /--scales: expected a whole number from 1 to 30/],
    [
      'samples as JSON',
      () => ['sample', at('run'), '-n', '3000000000'],
      /Too many samples in one call: expected -n of at most 5,000,000 to standard output, got 3e9\. Give --out/,
    ],
  ] as const)('%s: the command immediately prints an error of one line', async (_what, args, said) => {
    const before = tree(folder);
    const began = performance.now();
    const { code, stdout, stderr } = await within(...args(), '--json');
    expect(stderr).toMatch(said);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([2, '']);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(tree(folder)).toEqual(before);
  });
});

describe('the limits on the size of a model', () => {
  it('the limits on model sizes allow large models that can be trained', () => {
    for (const spec of [
      tabularPreset({ dim: 1000, blocks: 20, hidden: [1024, 1024] }),
      imagePreset({ shape: [64, 64, 3], blocks: 16, hidden: [512, 512], scales: 3 }),
      implicitResNet({ shape: [32, 32, 3], classes: 100, widths: [64, 128, 256, 512] }),
    ])
      expect(() => assertSpecSize(spec)).not.toThrow();
  });

  it('the limits on model sizes apply to the stages of a classifier, and to the absolute value of negative sizes', () => {
    const stages = (width: number) => implicitResNet({ shape: [32, 32, 3], classes: 10, widths: [width, width] });
    expect(() => assertSpecFitsFile(stages(1_000_000), {})).toThrow(/far larger than the file/);
    expect(() => assertSpecSize(stages(1_000_000))).toThrow(/The model is too large/);
    const net = (hidden: readonly number[]) => ({
      kind: 'residual',
      g: { hidden, activation: { name: 'sin' }, coeff: 0.9 },
    });
    expect(() => assertSpecFitsFile({ dim: 2, blocks: [net([30_000, 30_000]), net([-30_000, 30_000])] }, {})).toThrow(
      /far larger than the file/,
    );
    expect(() =>
      assertSpecFitsFile(
        { dim: 12, shape: [2, 2, 3], blocks: [{ ...net([4]), g: { hidden: [4], kernels: [1, 9999] } }] },
        {},
      ),
    ).toThrow(/far larger than the file/);
  });
});

it('a lack of memory and errors of the operating system have readable messages', () => {
  const caught = (body: () => unknown): unknown => {
    try {
      return body();
    } catch (error) {
      return asKnownError(error);
    }
  };
  for (const body of [
    () => new Float32Array(2 ** 40),
    () => Array.from({ length: 2 ** 40 }),
    () => 'x'.repeat(2 ** 30),
    () => new ArrayBuffer(2 ** 52),
  ]) {
    expect(caught(body)).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /^\[cli\] Not enough memory: expected memory for the numbers of this command, got .*\. Lower --batch/,
      ),
    });
  }
  expect(asKnownError(Object.assign(new Error('x'), { code: 'EIO', syscall: 'read', path: '/a' }))).toMatchObject({
    code: 'input',
    message: '[cli] The system refuses read of /a: expected permission and room, got EIO. Check the path and the disk.',
  });
  const fault = new TypeError('undefined is not a function');
  expect(asKnownError(fault)).toBe(fault);
});
