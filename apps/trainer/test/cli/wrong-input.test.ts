import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, fixture, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--steps', '2', '--batch', '20', '--hidden', '8', '--blocks', '1'];
const train = (data: string, ...more: readonly string[]): readonly string[] => [
  'train',
  '--data',
  data,
  ...TINY,
  '--quiet',
  '--out',
  at('new'),
  ...more,
];

beforeAll(async () => {
  const noise = normals(key(1), 120);
  const rows = Array.from({ length: 60 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]);
  const changed = (cell: string | number): readonly (readonly (string | number)[])[] =>
    rows.map((row, i) => (i === 3 ? [row[0]!, cell] : row));
  csv(at('good.csv'), 'height,weight', rows);
  csv(at('text.csv'), 'height,weight', changed('heavy'));
  csv(at('infinite.csv'), 'height,weight', changed('Infinity'));
  csv(
    at('constant.csv'),
    'height,weight',
    rows.map(([h]) => [h!, 7.5]),
  );
  csv(
    at('dependent.csv'),
    'height,weight',
    rows.map(([h]) => [h!, 2 * h!]),
  );
  csv(at('ragged.csv'), 'height,weight', [...rows.slice(0, 3), [1, 2, 3], ...rows.slice(3)]);
  csv(at('one-row.csv'), 'height,weight', rows.slice(0, 1));
  csv(at('others.csv'), 'width,depth', rows);
  csv(
    at('three.csv'),
    '1,2,3',
    rows.map(([h, w]) => [h!, w!, 1]),
  );
  writeFileSync(at('empty.csv'), '');
  writeFileSync(at('file.txt'), 'text');
  mkdirSync(at('used'));
  writeFileSync(at('used/letter.txt'), 'dear');
  mkdirSync(at('foreign'));
  copyFileSync(at('good.csv'), at('foreign/part-00000.csv'));
  const made = await within('train', '--data', at('good.csv'), ...TINY, '--out', at('run'), '--quiet', '--json');
  if (made.code !== 0) throw new Error(made.stderr);
  const whole = readFileSync(at('run/checkpoint.safetensors'));
  writeFileSync(at('truncated.safetensors'), whole.subarray(0, whole.length - 100));
  const lying = Buffer.from(whole);
  lying.writeBigUInt64LE(1n << 40n);
  writeFileSync(at('lying.safetensors'), lying);
  copyFileSync(
    fixture('../../../../packages/flows/test/parity/fixtures/toy_sin.safetensors'),
    at('foreign.safetensors'),
  );
});

const cases: readonly (readonly [what: string, args: () => readonly string[], said: readonly (string | RegExp)[]])[] = [
  ['missing file', () => train(at('nowhere.csv')), ['nowhere.csv', 'Check the path']],
  ['empty file', () => train(at('empty.csv')), ['empty.csv', '0 bytes']],
  ['unknown kind of file', () => train(at('file.txt')), ['file.txt', '.csv']],
  ['ragged rows', () => train(at('ragged.csv')), ['ragged.csv', 'ine 5']],
  ['text', () => train(at('text.csv')), ['text.csv, line 5', '"weight"', '"heavy"', '--categorical']],
  ['Infinity', () => train(at('infinite.csv')), ['infinite.csv, line 5', '"weight"']],
  [
    'only a constant column',
    () => train(at('constant.csv'), '--columns', 'weight'),
    ['constant.csv', 'No column of numbers to train on'],
  ],
  ['a dependent column', () => train(at('dependent.csv')), ['"weight" of', 'dependent.csv', '--leave-out: weight']],
  ['one row', () => train(at('one-row.csv')), ['one-row.csv', 'at least 10']],
  [
    'a misspelt column',
    () => train(at('good.csv'), '--columns', 'height,wieght'),
    ['good.csv', 'Did you mean "weight"?'],
  ],
  ['a misspelt data set', () => train('checkerbord'), ['Did you mean "checkerboard"?']],
  ['columns of a toy', () => train('moons', '--columns', 'x'), ['half circles', '--columns']],
  ['no data', () => ['train', '--out', at('new')], ['--data']],
  ['a misspelt command', () => ['trian'], ['trian', 'Did you mean train?']],
  ['a misspelt option', () => train(at('good.csv'), '--blcks', '2'), ['--blcks', 'Did you mean --blocks?']],
  ['a misspelt solver', () => train(at('good.csv'), '--solver', 'broydn'), ['--solver', 'Did you mean "broyden"?']],
  [
    'a misspelt activation',
    () => train(at('good.csv'), '--activation', 'lipSwitch'),
    ['--activation', 'Did you mean "lipSwish"?'],
  ],
  [
    'a misspelt estimator',
    () => train(at('good.csv'), '--logdet', 'roulete'),
    ['--logdet', 'Did you mean "roulette"?'],
  ],
  ['a misspelt base', () => train(at('good.csv'), '--base', 'norml'), ['--base', 'Did you mean "normal"?']],
  [
    'a base density that is zero at the data',
    () => train(at('good.csv'), '--base', 'uniform'),
    ['uniform', 'of 20 rows', '--base'],
  ],
  [
    'a misspelt optimizer',
    () => train(at('good.csv'), '--optimizer', 'adamw2'),
    ['--optimizer', 'Did you mean "adamW"?'],
  ],
  ['a misspelt model', () => train(at('good.csv'), '--model', 'implict'), ['--model', 'Did you mean "implicit"?']],
  [
    'a misspelt backend',
    () => train(at('good.csv'), '--backend', 'wsam'),
    ['--backend', 'one of wasm, cpu, cuda, webgl, webgpu, auto', 'Did you mean "wasm"?'],
  ],
  [
    'an unknown backend of the doctor',
    () => ['doctor', '--backend', 'wasm,cudda'],
    ['--backend', 'Did you mean "cuda"?'],
  ],
  ['backend auto in doctor', () => ['doctor', '--backend', 'auto'], ['--backend', '"auto"']],
  [
    'a batch that is larger than the data',
    () => train(at('good.csv'), '--batch', '1000'),
    ['--batch', 'at most 48', '1000'],
  ],
  ['a negative learning rate', () => train(at('good.csv'), '--lr', '-1'), ['--lr', 'above 0', '"-1"']],
  ['a learning rate that is not a number', () => train(at('good.csv'), '--lr', 'fast'), ['--lr', '"fast"']],
  ['a width of 0', () => train(at('good.csv'), '--hidden', '0'), ['--hidden', '"0"']],
  ['a cap of 1', () => train(at('good.csv'), '--coeff', '1'), ['--coeff', 'between 0 and 1']],
  ['half a step', () => train(at('good.csv'), '--steps', '2.5'), ['--steps', 'whole number']],
  ['steps and epochs', () => train(at('good.csv'), '--epochs', '2'), ['--steps', '--epochs']],
  [
    'epochs of a toy',
    () => ['train', '--data', 'moons', '--epochs', '2', '--out', at('new')],
    ['half circles', '--steps'],
  ],
  ['a warm-up that is longer than the run', () => train(at('good.csv'), '--warmup', '9'), ['--warmup', 'at most 2']],
  [
    'a solver for a coupling flow',
    () => train(at('good.csv'), '--model', 'coupling', '--solver', 'newton'),
    ['--solver', 'coupling'],
  ],
  [
    'a coupling flow on one column',
    () => train(at('good.csv'), '--model', 'coupling', '--columns', 'height'),
    ['at least 2'],
  ],
  [
    'a missing plugin file',
    () => train(at('good.csv'), '--plugin', at('nothing.mjs')),
    ['nothing.mjs', 'nothing at that path'],
  ],
  [
    'a missing plugin package',
    () => train(at('good.csv'), '--plugin', 'impflow-missing-plugin'),
    ['impflow-missing-plugin', 'installed'],
  ],
  [
    'a module that is not a plugin',
    () => train(at('good.csv'), '--plugin', fixture('not-a-plugin.mjs')),
    ['not-a-plugin.mjs', '"impflow"', 'answer'],
  ],
  [
    'an existing run',
    () => [...train(at('good.csv')), '--out', at('run')],
    [/run already contains a run/, '--resume', '--force'],
  ],
  ['a folder that contains other files', () => [...train(at('good.csv')), '--out', at('used')], ['used', 'letter.txt']],
  [
    'a folder of other files, forced',
    () => [...train(at('good.csv')), '--out', at('used'), '--force'],
    ['used', 'letter.txt'],
  ],
  [
    'a file instead of a folder',
    () => [...train(at('good.csv')), '--out', at('file.txt')],
    ['file.txt', 'a folder', '--out'],
  ],
  [
    'a folder whose parent is a file',
    () => [...train(at('good.csv')), '--out', at('file.txt/run')],
    ['file.txt', 'Choose another folder'],
  ],
  ['resume without a run', () => ['train', '--resume'], ['--resume', '--out']],
  ['resume of nothing', () => ['train', '--resume', '--out', at('new')], ['new', 'nothing at that path']],
  ['resume and force', () => ['train', '--resume', '--force', '--out', at('run')], ['--resume', '--force']],
  [
    'resume with another rate',
    () => ['train', '--resume', '--out', at('run'), '--lr', '0.5'],
    ['--lr', '0.001', '0.5'],
  ],
  [
    'resume with fewer steps',
    () => ['train', '--resume', '--out', at('run'), '--steps', '1', '--quiet'],
    ['at least 2', 'got 1'],
  ],
  [
    'resume with other data',
    () => ['train', '--resume', '--out', at('run'), '--data', at('others.csv')],
    ['--data', 'others.csv'],
  ],
  ['no run', () => ['inspect', at('new')], ['new', 'nothing at that path']],
  ['a folder without a run', () => ['evaluate', at('used')], ['used', 'checkpoint.safetensors']],
  ['a truncated checkpoint', () => ['evaluate', at('truncated.safetensors')], ['truncated.safetensors', 'truncated']],
  ['a wrong header', () => ['inspect', at('lying.safetensors')], ['lying.safetensors', 'header']],
  [
    'a foreign safetensors file',
    () => ['sample', at('foreign.safetensors')],
    ['foreign.safetensors', 'no checkpoint of ImpFlow'],
  ],
  ['a file that is not a checkpoint', () => ['plot', at('good.csv')], ['good.csv', 'safetensors']],
  ['scores of other columns', () => ['score', at('run'), at('others.csv'), '--quiet'], ['others.csv', '"height"']],
  ['scores of more columns', () => ['score', at('run'), at('three.csv'), '--quiet'], ['three.csv', 'height']],
  [
    'evaluation on other columns',
    () => ['evaluate', at('run'), '--data', at('others.csv'), '--quiet'],
    ['others.csv', '"height"'],
  ],
  [
    'scores over a file',
    () => ['score', at('run'), at('good.csv'), '--out', at('others.csv')],
    ['others.csv exists already', '--force'],
  ],
  ...[
    ['scores', 'score'],
    ['filled gaps', 'impute'],
  ].map(
    ([what, command]) =>
      [
        `${what} over the table that is read`,
        () => [command!, at('run'), at('good.csv'), '--out', at('./used/../good.csv'), '--force', '--quiet'],
        ['good.csv is a file that this command reads', 'Choose another file'],
      ] as const,
  ),
  [
    'scores over the table that is read, in parts',
    () => ['score', at('run'), at('good.csv'), '--workers', '1', '--out', at('good.csv'), '--force', '--quiet'],
    ['good.csv is a file that this command reads', 'Choose another file'],
  ],
  ...[[], ['--force']].map(
    (force) =>
      [
        `scores into a folder with a foreign file${force.length > 0 ? ', forced' : ''}`,
        () => ['score', at('run'), at('good.csv'), '--out', at('foreign'), ...force, '--quiet'],
        ['holds other files', 'part-00000.csv'],
      ] as const,
  ),
  [
    'samples into a folder with a foreign file',
    () => ['sample', at('run'), '--format', 'csv', '--out', at('foreign'), '--force', '--quiet'],
    ['holds other files', 'part-00000.csv'],
  ],
  ['samples over a file', () => ['sample', at('run'), '--out', at('good.csv')], ['good.csv exists already', '--force']],
  [
    'samples into a missing folder',
    () => ['sample', at('run'), '--out', at('no/s.csv')],
    ['no/s.csv', 'Create it first'],
  ],
  ['samples of an unknown kind', () => ['sample', at('run'), '--out', at('s.npz')], ['s.npz', 'Did you mean ".npy"?']],
  ['no samples', () => ['sample', at('run'), '-n', '0'], ['-n', 'at least 1']],
  ['a temperature of zero', () => ['sample', at('run'), '--temperature', '0'], ['--temperature', 'above 0']],
  [
    'an import without published names',
    () => ['import', at('run/checkpoint.safetensors'), '--activation', 'sin', '--coeff', '0.9', '--out', at('new')],
    ['checkpoint.safetensors', 'chain.0.nnet_x.0.weight'],
  ],
  [
    'an import with the wrong activation',
    () => ['import', at('foreign.safetensors'), '--activation', 'lipSwish', '--coeff', '0.9', '--out', at('new')],
    ['foreign.safetensors', 'activation'],
  ],
  ['an unknown data set', () => ['data', 'describe', 'penguin'], ['Did you mean "penguins"?']],
];

describe('wrong input', () => {
  it.each(cases)(
    '%s: the command prints one line with a hint, exits with 2 and changes no file',
    async (_what, args, said) => {
      const before = tree(folder);
      const { code, stdout, stderr } = await within(...args(), '--json');
      const errors = stderr
        .trimEnd()
        .split('\n')
        .filter((line) => line.startsWith('['));
      expect(stderr.trimEnd().split('\n'), stderr).toEqual(errors);
      expect(errors, stderr).toHaveLength(1);
      expect(stderr).toMatch(/^\[[\w-]+(\/[\w-]+)?\] .+\n$/);
      for (const words of said)
        expect(stderr).toMatch(
          words instanceof RegExp ? words : new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
        );
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(tree(folder)).toEqual(before);
    },
  );

  it('`train` prints an error if the system refuses to create the folder', async () => {
    const { code, stderr } = await within(...train(at('good.csv')), '--out', '/proc/impflow', '--quiet');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Cannot write to /proc/impflow')]);
  });
});
