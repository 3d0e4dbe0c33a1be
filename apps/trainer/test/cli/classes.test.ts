import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrame } from '@impflow/tables';
import { loadCheckpoint } from '@impflow/training';
import { hasPngSignature } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, impflow, json, start, temporary, tree, until, within } from './harness.ts';
import { CLASSES, imageFolder } from './image-fixtures.ts';

interface Judged {
  readonly heldOut: {
    readonly crossEntropy: number;
    readonly rows: number;
    readonly accuracy: { readonly mean: number; readonly low: number; readonly high: number };
  };
  readonly confusion: readonly (readonly number[])[];
}

interface Trained extends Judged {
  readonly bestStep: number;
  readonly baseline: { readonly name: string; readonly accuracy: { readonly mean: number } };
  readonly lipschitz: { readonly layers: number; readonly largestRatio: number };
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--task', 'classify', '--widths', '4,6', '--batch', '16', '--lr', '1e-2'];
const metricsOf = (run: string): string => readFileSync(join(at(run), 'metrics.jsonl'), 'utf8');
const tensorsOf = async (run: string): Promise<object> =>
  (await loadCheckpoint(join(at(run), 'checkpoint.safetensors'))).tensors;

let trained: Trained & Record<string, unknown>;
let remarks: string;

beforeAll(async () => {
  compiled();
  imageFolder(at('sides'), { count: 30 });
  imageFolder(at('fresh'), { seed: 2, count: 5 });
  imageFolder(at('unlabeled'), { count: 5, classes: false });
  const outcome = await impflow(
    'train',
    '--data',
    at('sides'),
    ...TINY,
    '--steps',
    '100',
    '--validate-every',
    '50',
    '--workers',
    '2',
    '--out',
    at('run'),
    '--json',
  );
  trained = json(outcome);
  remarks = outcome.stderr;
}, 120_000);

describe('`train --task classify`', () => {
  it('`train --task classify` learns which side of an image is bright, reports the accuracy and writes every file', () => {
    expect(trained).toMatchObject({
      run: at('run'),
      steps: 100,
      workers: 2,
      classes: CLASSES,
      heldOut: { rows: 12 },
      baseline: { name: 'most frequent class' },
      shape: [8, 8, 1],
    });
    const { accuracy, crossEntropy } = trained.heldOut;
    expect(accuracy.mean).toBeGreaterThan(0.7);
    expect(accuracy.mean).toBeGreaterThan(trained.baseline.accuracy.mean);
    expect(accuracy.low).toBeLessThan(accuracy.mean);
    expect(accuracy.high).toBeGreaterThanOrEqual(accuracy.mean);
    expect(crossEntropy).toBeLessThan(Math.log(4));
    expect(trained.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(12);
    expect(trained.confusion.reduce((sum, row, i) => sum + row[i]!, 0) / 12).toBe(accuracy.mean);
    // The model has two blocks, each with two nets of two convolutions.
    expect(trained.lipschitz).toMatchObject({ layers: 8 });
    expect(trained.lipschitz.largestRatio).toBeLessThan(1.001);
    expect(remarks).toContain('96 training images of 4 classes, 12 validation images and 12 test images.');
    expect(remarks).toMatch(/validation [\d.]+ ± [\d.]+ {2}[\d.]+ % right/);
    const mistakes = accuracy.mean < 1 ? ['misclassified.png'] : [];
    expect(Object.keys(tree(at('run')))).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'curves.png',
      'metrics.jsonl',
      ...mistakes,
    ]);
    const validations = metricsOf('run')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { accuracy?: number; validation?: object })
      .filter(({ validation }) => validation !== undefined);
    expect(validations).toHaveLength(2);
    for (const { accuracy: share } of validations) expect(12 * share!).toBeCloseTo(Math.round(12 * share!), 9);
  });

  it('`train --task classify` draws the misclassified images', async () => {
    const { stdout } = await within(
      'train',
      '--data',
      at('sides'),
      '--preset',
      'classifier',
      '--widths',
      '4',
      '--steps',
      '1',
      '--workers',
      '1',
      '--out',
      at('raw'),
      '--quiet',
    );
    expect(stdout).toContain('misclassified.png');
    expect(stdout).toMatch(/true class, taken for +east +north +south +west/);
    expect(hasPngSignature(readFileSync(join(at('raw'), 'misclassified.png')))).toBe(true);
  });

  it('a classifier that is resumed after a kill has the same bits as an uninterrupted classifier', async () => {
    const options = [
      '--data',
      at('sides'),
      ...TINY,
      '--widths',
      '4',
      '--steps',
      '12',
      '--validate-every',
      '3',
      '--workers',
      '2',
      '--flip',
      '--crop',
      '1',
      '--quiet',
    ];
    const whole = json(await impflow('train', ...options, '--out', at('whole'), '--json'));
    const running = start('train', ...options, '--out', at('torn'));
    await until(() => existsSync(join(at('torn'), 'metrics.jsonl')) && metricsOf('torn').length > 0);
    running.kill('SIGKILL');
    await running.exited;
    const resumed = json(await impflow('train', '--resume', '--out', at('torn'), '--json', '--quiet'));
    expect(metricsOf('torn')).toBe(metricsOf('whole'));
    expect(await tensorsOf('torn')).toEqual(await tensorsOf('whole'));
    for (const name of ['steps', 'bestStep', 'heldOut', 'confusion']) expect(resumed[name], name).toEqual(whole[name]);
  });

  it.each(['residual', 'vanilla'])('`train --task classify` trains a %s net', async (model) => {
    const result = json<Trained>(
      await within(
        'train',
        '--data',
        at('sides'),
        ...TINY,
        '--model',
        model,
        '--steps',
        '3',
        '--workers',
        '1',
        '--quiet',
        '--json',
        '--out',
        at(model),
      ),
    );
    expect(Number.isFinite(result.heldOut.crossEntropy)).toBe(true);
    expect(result.lipschitz.layers === 0).toBe(model === 'vanilla');
  });
});

describe('commands on a classifier', () => {
  it('`evaluate` returns the results that `train` has reported, and also evaluates other images', async () => {
    const result = json<Judged>(await within('evaluate', at('run'), '--json'));
    expect([result.heldOut, result.confusion]).toEqual([trained.heldOut, trained.confusion]);
    const fresh = json<Judged>(await within('evaluate', at('run'), '--data', at('fresh'), '--json'));
    expect(fresh.heldOut.rows).toBe(20);
    expect(fresh.heldOut.accuracy.mean).toBeGreaterThan(0.6);
    expect((await within('evaluate', at('run'))).stdout).toMatch(/classifier +\d+/);
  });

  it('`score` returns the probability of each class, and writes the probabilities to a file', async () => {
    const { predicted, probabilities, heldOut } = json<Judged & { predicted: string[]; probabilities: number[][] }>(
      await within('score', at('run'), at('fresh'), '--json'),
    );
    const fresh = json<Judged>(await within('evaluate', at('run'), '--data', at('fresh'), '--json'));
    expect(heldOut).toEqual(fresh.heldOut);
    probabilities.forEach((row, i) => {
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      expect(predicted[i]).toBe(CLASSES[row.indexOf(Math.max(...row))]);
    });
    json(await within('score', at('run'), at('unlabeled'), '--out', at('classes.csv'), '--json'));
    const table = await readFrame(at('classes.csv'));
    expect([table.columns.map(({ name }) => name), table.rows]).toEqual([
      ['predicted', ...CLASSES.map((name) => `p(${name})`)],
      20,
    ]);
  });

  it('`inspect` prints the spec and the classes, and `plot` draws the pictures', async () => {
    const told = json(await within('inspect', at('run'), '--json'));
    expect(told).toMatchObject({
      spec: { kind: 'classifier', shape: [8, 8, 1], classes: 4 },
      classes: CLASSES,
      options: { task: 'classify', widths: [4, 6] },
    });
    expect((await within('inspect', at('run'))).stdout).toMatch(/classes\s+east, north, south, west/);
    const { files } = json<{ files: string[] }>(await within('plot', at('raw'), '--json'));
    expect(files).toEqual(['misclassified', 'curves'].map((name) => join(at('raw'), `${name}.png`)));
  });
});

describe('wrong options and files for classifiers', () => {
  const train = (data: string, ...more: readonly string[]): readonly string[] => [
    'train',
    '--data',
    data,
    '--task',
    'classify',
    '--out',
    at('new'),
    ...more,
  ];
  const cases: readonly (readonly [what: string, args: () => readonly string[], said: readonly string[]])[] = [
    ['images without labels', () => train(at('unlabeled')), ['unlabeled', 'a folder for each class', '--task']],
    ['a coupling', () => train(at('sides'), '--model', 'coupling'), ['--model', 'implicit, residual, vanilla']],
    [
      'a preset for densities',
      () => train(at('sides'), '--preset', 'image'),
      ['The preset image does not fit a classifier of images'],
    ],
    [
      'the option scales, which only densities have',
      () => train(at('sides'), '--scales', '1'),
      ['--scales does not apply to a classifier of images'],
    ],
    [
      'the option memory, which only densities have',
      () => train(at('sides'), '--memory', 'budget'),
      ['--memory does not apply to a classifier of images'],
    ],
    [
      'a cap for a vanilla net',
      () => train(at('sides'), '--model', 'vanilla', '--coeff', '0.5'),
      ['--coeff', 'vanilla'],
    ],
    [
      'a misspelt task',
      () => ['train', '--data', at('sides'), '--task', 'clasify', '--out', at('new')],
      ['--task', 'Did you mean "classify"?'],
    ],
    ['samples of a classifier', () => ['sample', at('run')], ['cannot draw samples', 'classify']],
    ['evaluation without labels', () => ['evaluate', at('run'), '--data', at('unlabeled')], ['No labels', 'unlabeled']],
  ];
  it.each(cases)(
    '%s: the command prints one line with a hint, exits with 2 and changes no file',
    async (_what, args, said) => {
      const before = tree(folder);
      const { code, stdout, stderr } = await within(...args(), '--json');
      expect(stderr).toMatch(/^\[[\w-]+(\/[\w-]+)?\] [^\n]+\n$/);
      for (const words of said) expect(stderr).toContain(words);
      expect([code, stdout]).toEqual([2, '']);
      expect(tree(folder)).toEqual(before);
    },
  );
});
