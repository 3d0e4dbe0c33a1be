import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { readSafetensors, writeSafetensors } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
/** The metadata of a checkpoint, parsed from JSON. */
let said: string;
let cases = 0;

beforeAll(async () => {
  const noise = normals(key(1), 240);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 120 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
  json(
    await within(
      'train',
      '--data',
      at('rows.csv'),
      '--steps',
      '4',
      '--batch',
      '20',
      '--hidden',
      '8',
      '--blocks',
      '1',
      '--workers',
      '1',
      '--quiet',
      '--json',
      '--out',
      at('run'),
    ),
  );
  said = (await readSafetensors(at('run/checkpoint.safetensors'))).metadata['impflow']!;
});

/** Copies the run, writes the given metadata into the checkpoint of the copy, and returns the folder of the copy. */
const runThatSays = async (text: string): Promise<string> => {
  const run = at(`case-${cases++}`);
  mkdirSync(run);
  cpSync(at('run/metrics.jsonl'), join(run, 'metrics.jsonl'));
  const { tensors, metadata } = await readSafetensors(at('run/checkpoint.safetensors'));
  await writeSafetensors(join(run, 'checkpoint.safetensors'), tensors, { ...metadata, impflow: text });
  return run;
};
type Tree = Record<string, unknown>;
/** Returns the metadata with another value at one path; `undefined` removes the value. */
const changed = (place: readonly string[], value: unknown): string => {
  const whole = JSON.parse(said) as Tree;
  const owner = place.slice(0, -1).reduce((inner, name) => inner[name] as Tree, whole);
  owner[place.at(-1)!] = value;
  return JSON.stringify(whole);
};
const spoiled = (place: string, value: unknown): Promise<string> => runThatSays(changed(place.split('.'), value));
const commands = (run: string): readonly (readonly string[])[] => [
  ['inspect', run],
  ['inspect', run, '--backend', 'auto'],
  ['evaluate', run],
  ['train', '--resume', '--out', run, '--steps', '8'],
];
const nested = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
const net = (hidden: readonly number[]) => ({
  kind: 'residual',
  g: { hidden, activation: { name: 'sin' }, coeff: 0.9 },
});

describe('a checkpoint with wrong metadata', () => {
  it.each<readonly [string, string, unknown, RegExp]>([
    ['huge layers', 'spec.flow.blocks', [net([30_000, 30_000])], /far larger than the file/],
    [
      'a billion components',
      'spec.flow.base',
      { name: 'mixture', options: { components: 1e9 } },
      /far larger than the file/,
    ],
    [
      '99,000 blocks',
      'spec.flow.blocks',
      Array.from({ length: 99_000 }, () => ({ kind: 'actNorm' })),
      /too many layers/,
    ],
    ['a huge dimension', 'spec.flow.dim', 1e9, /far larger than the file/],
    [
      'a billion terms',
      'spec.flow.logDet',
      { name: 'series', options: { terms: 1e9 } },
      /wrong spec\.flow\.logDet\.options\.terms: expected a whole number from 0 to 10000, got 1000000000/,
    ],
    [
      'a billion terms in evaluation',
      'spec.flow.evaluationLogDet',
      { name: 'roulette', options: { exactTerms: 1e9 } },
      /wrong spec\.flow\.evaluationLogDet\.options\.exactTerms/,
    ],
    [
      'a series that never ends',
      'spec.flow.evaluationLogDet',
      { name: 'roulette', options: { p: 1e-12 } },
      /wrong spec\.flow\.evaluationLogDet\.options\.p: expected a number from 0.0001 to 1/,
    ],
    [
      'a billion steps',
      'spec.flow.tolerance',
      { atol: 0, rtol: 0, maxSteps: 1e9 },
      /wrong spec\.flow\.tolerance\.maxSteps/,
    ],
    ['no spec', 'spec', null, /wrong spec: expected an object, got null/],
    [
      'a dimension in words',
      'spec.flow.dim',
      'two',
      /wrong spec\.flow\.dim: expected a whole number of at least 1, got "two"/,
    ],
    [
      'an object for blocks',
      'spec.flow.blocks',
      { kind: 'actNorm' },
      /wrong spec\.flow\.blocks: expected a list, got an object/,
    ],
    [
      'a classifier without stages',
      'spec',
      { version: 1, kind: 'classifier', shape: [4, 4, 1], classes: 2, block: 'implicit' },
      /wrong spec\.stages: expected a list, got nothing/,
    ],
    [
      'a huge classifier',
      'spec',
      {
        version: 1,
        kind: 'classifier',
        shape: [4, 4, 1],
        classes: 2,
        block: 'implicit',
        stages: [{ width: 1e6, hidden: 1e6 }],
      },
      /far larger than the file/,
    ],
    ['a string instead of an object', 'extra', 'extra', /wrong extra: expected an object, got "extra"/],
    ['no data', 'extra.data', 5, /wrong extra\.data: expected an object, got 5/],
    ['data by number', 'extra.data.data', 7, /wrong extra\.data\.data: expected a string, got 7/],
    [
      'other columns',
      'spec.columns',
      [{ kind: 'number', name: 'a' }],
      /size of its columns: expected dim 1 and context 0, got dim 2 and context 0/,
    ],
    ['numbers as columns', 'spec.columns', [1, 2], /wrong spec\.columns\[0\]: expected an object, got 1/],
    [
      'a text as noise',
      'spec.columns.0.resolution',
      'wide',
      /column "a" .* has a wrong resolution: expected a finite number above 0, got wide/,
    ],
    [
      'a text as quantile',
      'extra.quantiles',
      ['low'],
      /wrong extra\.quantiles\[0\]: expected a number from -Infinity to Infinity, got "low"/,
    ],
    [
      'a text as batch',
      'extra.options.batch',
      'many',
      /wrong extra\.options\.batch: expected a whole number from 1 to 16777216, got "many"/,
    ],
    ['a huge batch', 'extra.options.batch', 1e15, /wrong extra\.options\.batch/],
    [
      'a million workers',
      'extra.options.workers',
      1e6,
      /wrong extra\.options\.workers: expected a whole number from 1 to 256, got 1000000/,
    ],
    ['a number as backend', 'extra.program.backend', 3, /wrong extra\.program\.backend/],
    ['a text as plugins', 'extra.program.plugin', 'all', /wrong extra\.program\.plugin: expected a list, got "all"/],
    ['a number as source', 'extra.provenance.source', 5, /wrong extra\.provenance\.source: expected a string, got 5/],
    ['a list as hash', 'extra.provenance.hash', [[]], /wrong extra\.provenance\.hash: expected a string, got a list/],
    ['an invalid training record', 'training', { step: -1 }, /wrong training\.step/],
  ])(
    'for a checkpoint with %s, every command prints one line that names the wrong value',
    async (_what, place, value, words) => {
      const run = await spoiled(place, value);
      const before = tree(run);
      for (const args of commands(run)) {
        const began = performance.now();
        const { code, stdout, stderr } = await within(...args, '--json');
        expect(stderr).toMatch(words);
        expect(stderr).toContain(join(run, 'checkpoint.safetensors'));
        expect(stderr.trimEnd().split('\n')).toHaveLength(1);
        expect([code, stdout]).toEqual([2, '']);
        expect(performance.now() - began).toBeLessThan(5000);
      }
      expect(tree(run)).toEqual(before);
    },
  );

  it.each([
    ['the format', () => said.replace('"impflow"', nested)],
    ['the spec', () => said.replace('"spec":{', `"spec":{"deep":${nested},`)],
    ['the record', () => said.replace('"extra":{', `"extra":{"deep":${nested},`)],
    ['the record of the training', () => said.replace('"training":{', `"training":{"deep":${nested},`)],
  ])('for a checkpoint with deeply nested lists in %s, every command prints an error', async (_where, text) => {
    const run = await runThatSays(text());
    for (const args of commands(run)) {
      const { code, stderr } = await within(...args, '--json');
      expect(stderr).toMatch(
        /checkpoint\.safetensors: (?:The metadata entry "impflow" is nested too deeply|Wrong format: expected "impflow", got a list)/,
      );
      expect(code).toBe(2);
    }
  });

  it.each<readonly [string, string, unknown, RegExp]>([
    [
      'a batch larger than the data',
      'extra.options.batch',
      1000,
      /The batch of the training is larger than its table: expected at most 96, got 1000/,
    ],
    ['no batch', 'extra.options.batch', undefined, /cannot be resumed: expected .* the options of its training/],
  ])('`train --resume` refuses a checkpoint with %s', async (_what, place, value, words) => {
    const { code, stderr } = await within(
      'train',
      '--resume',
      '--out',
      await spoiled(place, value),
      '--steps',
      '8',
      '--json',
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});

it('no command prints a stack trace for wrong values of any type in a checkpoint', async () => {
  const VALUES: readonly unknown[] = [null, 'x', -1, 1.5, 1e15, true, [], {}, [[1]], { name: 5 }];
  /** Returns the paths of all values. Only the first entry of each list is included. */
  const waysOf = (value: unknown, way: readonly string[] = []): readonly (readonly string[])[] => [
    ...(way.length === 0 ? [] : [way]),
    ...(typeof value !== 'object' || value === null
      ? []
      : Object.entries(value)
          .slice(0, Array.isArray(value) ? 1 : Infinity)
          .flatMap(([name, inner]) => waysOf(inner, [...way, name]))),
  ];
  const ways = waysOf(JSON.parse(said));
  expect(ways.length).toBeGreaterThan(60);
  for (const [i, way] of ways.entries()) {
    const value = VALUES[(7 * i) % VALUES.length];
    const run = await runThatSays(changed(way, value));
    // `--steps` is smaller than the number of steps of the run, so that `train` ends before it trains.
    for (const args of [
      ['inspect', run],
      ['evaluate', run, '--data', at('rows.csv')],
      ['train', '--resume', '--out', run, '--steps', '1', '--quiet'],
    ]) {
      const { stderr } = await within(...args, '--json');
      expect(stderr, `${way.join('.')} = ${JSON.stringify(value)}: ${args[0]}`).not.toMatch(
        /Unexpected error|\n {4}at /,
      );
    }
  }
}, 300_000);
