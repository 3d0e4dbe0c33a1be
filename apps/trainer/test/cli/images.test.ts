import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFrame } from '@impflow/tables';
import { loadCheckpoint, type StepMetrics } from '@impflow/training';
import { readImages } from '@impflow/vision';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, impflow, json, start, temporary, tree, until, within } from './harness.ts';
import { imageFolder } from './image-fixtures.ts';

interface Bits {
  readonly mean: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

interface Figures {
  readonly nats: number;
  readonly standardError: number;
  readonly rows: number;
  readonly bitsPerDim: Bits;
}

interface Trained {
  readonly heldOut: Figures;
  readonly baseline: Figures & { readonly name: string };
  readonly reconstruction: { readonly max: number; readonly mean: number; readonly images: number };
  readonly solves: readonly { readonly phase: string; readonly unconverged: number }[];
  readonly lipschitz: { readonly layers: number; readonly largestRatio: number };
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = [
  '--scales',
  '1',
  '--blocks',
  '1',
  '--hidden',
  '4',
  '--dense-blocks',
  '0',
  '--batch',
  '16',
  '--lr',
  '5e-3',
];
const metricsOf = (run: string): string => readFileSync(join(at(run), 'metrics.jsonl'), 'utf8');
const stepsOf = (run: string): readonly StepMetrics[] =>
  metricsOf(run)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StepMetrics);
const tensorsOf = async (run: string): Promise<object> =>
  (await loadCheckpoint(join(at(run), 'checkpoint.safetensors'))).tensors;
const sizeOf = (path: string): readonly number[] => {
  const { width, height, channels } = decode(readFileSync(path));
  return [width, height, channels];
};

let trained: Trained & Record<string, unknown>;
let remarks: string;

beforeAll(async () => {
  compiled();
  imageFolder(at('small'));
  imageFolder(at('fresh'), { seed: 2, count: 5 });
  imageFolder(at('flat'), { count: 5, channels: 3, classes: false });
  imageFolder(at('odd'), { count: 5, height: 6, width: 10 });
  const outcome = await impflow(
    'train',
    '--data',
    at('small'),
    ...TINY,
    '--steps',
    '30',
    '--validate-every',
    '10',
    '--workers',
    '2',
    '--flip',
    '--crop',
    '1',
    '--out',
    at('run'),
    '--json',
  );
  trained = json(outcome);
  remarks = outcome.stderr;
});

describe('`train` on images', () => {
  it('`train` on images reports bits per dimension of the flow and of independent pixels, and writes every file', () => {
    expect(trained).toMatchObject({
      run: at('run'),
      steps: 30,
      workers: 2,
      memory: 'keep',
      dim: 64,
      shape: [8, 8, 1],
      heldOut: { rows: 8 },
      baseline: { name: 'independent pixels', rows: 8 },
      reconstruction: { images: 8 },
    });
    for (const {
      nats,
      standardError,
      bitsPerDim: { mean, low, high, standardError: error },
    } of [trained.heldOut, trained.baseline]) {
      expect(mean).toBeCloseTo(nats / 64 / Math.LN2, 10);
      expect(error).toBeCloseTo(standardError / 64 / Math.LN2, 10);
      expect([high - mean, mean - low]).toEqual([expect.closeTo(1.96 * error, 4), expect.closeTo(1.96 * error, 4)]);
      // The images have about a hundred gray levels: log2(100) = 6.6 bits. The uniform density over all levels has 8
      // bits.
      expect(mean).toBeGreaterThan(6);
      expect(mean).toBeLessThan(9.5);
    }
    expect(trained.reconstruction.max).toBeLessThan(1e-4);
    expect(trained.reconstruction.mean).toBeLessThan(trained.reconstruction.max);
    expect(trained.solves.map(({ phase }) => phase).sort()).toEqual(['forward', 'inverse']);
    for (const { unconverged } of trained.solves) expect(unconverged).toBe(0);
    expect(trained.lipschitz).toMatchObject({ layers: 4 });
    expect(trained.lipschitz.largestRatio).toBeLessThan(1.001);
    expect(remarks).toContain('64 training images, 8 validation images and 8 test images.');
    expect(remarks).toContain('bits per dimension');
    expect(Object.keys(tree(at('run')))).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'curves.png',
      'interpolations.png',
      'metrics.jsonl',
      'reconstructions.png',
      'samples.png',
    ]);
  });

  it('`train` on images draws pictures with grids of the expected images', async () => {
    // Each pixel of an image is drawn as a square of 6 x 6 pixels. The gaps between images are 2 pixels wide, and the
    // margin is 6 pixels wide.
    expect(sizeOf(join(at('run'), 'samples.png'))).toEqual([10 * 50 + 10, 10 * 50 + 10, 1]);
    expect(sizeOf(join(at('run'), 'interpolations.png'))).toEqual([8 * 50 + 10, 4 * 50 + 10, 1]);
    const { data, width } = decode(readFileSync(join(at('run'), 'reconstructions.png')));
    // In the picture, the original is above its reconstruction. A rounding error may move a reconstructed number to the
    // level below.
    let [different, compared] = [0, 0];
    for (let x = 6; x < 6 + 8 * 50; x += 6)
      for (let y = 6; y < 54; y += 6) {
        different += Number(data[y * width + x] !== data[(y + 50) * width + x]);
        compared++;
      }
    expect(different / compared).toBeLessThan(0.02);
  });

  it('training on images raises the log-density of fixed validation images with fixed noise', () => {
    const validations = stepsOf('run').flatMap(({ step, validation }) =>
      validation === undefined ? [] : [{ step, nats: validation.nats }],
    );
    expect(validations.map(({ step }) => step)).toEqual([10, 20, 30]);
    expect(validations[2]!.nats).toBeLessThan(validations[0]!.nats);
  });

  it('a density of images that is resumed after a kill has the same bits as an uninterrupted density', async () => {
    const options = [
      '--data',
      at('small'),
      ...TINY,
      '--steps',
      '8',
      '--validate-every',
      '2',
      '--workers',
      '2',
      '--flip',
      '--crop',
      '2',
      '--ema',
      '0.9',
      '--factor-out',
      '--scales',
      '2',
      '--dense-blocks',
      '1',
      '--dense-hidden',
      '4',
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
    for (const name of ['steps', 'bestStep', 'heldOut', 'baseline', 'reconstruction'])
      expect(resumed[name], name).toEqual(whole[name]);
  });

  it('`train --memory budget` and a single worker change the result only by rounding', async () => {
    // The optimizer is SGD, because Adam would amplify the rounding error of a zero gradient to a whole step.
    const options = [
      '--data',
      at('small'),
      ...TINY,
      '--steps',
      '3',
      '--optimizer',
      'sgd',
      '--lr',
      '1e-4',
      '--quiet',
      '--json',
    ];
    const keep = json<Trained>(await impflow('train', ...options, '--workers', '2', '--out', at('keep')));
    const budget = json<Trained>(
      await impflow('train', ...options, '--workers', '2', '--memory', 'budget', '--out', at('budget')),
    );
    const alone = json<Trained>(
      await impflow('train', ...options, '--workers', '1', '--memory', 'budget', '--out', at('alone')),
    );
    expect([keep, budget, alone]).toMatchObject([
      { memory: 'keep', workers: 2 },
      { memory: 'budget', workers: 2 },
      { memory: 'budget', workers: 1 },
    ]);
    for (const other of ['budget', 'alone']) {
      stepsOf(other).forEach(({ loss, gradientNorm }, i) => {
        expect(loss / stepsOf('keep')[i]!.loss).toBeCloseTo(1, 5);
        expect(gradientNorm / stepsOf('keep')[i]!.gradientNorm).toBeCloseTo(1, 4);
      });
    }
    expect(budget.heldOut.bitsPerDim.mean).toBeCloseTo(keep.heldOut.bitsPerDim.mean, 4);
  });

  it.each([
    ['residual', []],
    ['monotone', []],
    ['coupling', ['--kernels', '3,1']],
  ] as const)('`train` fits a %s flow to color images without labels', async (model, more) => {
    const result = json<Trained & { dim: number }>(
      await within(
        'train',
        '--data',
        at('flat'),
        ...TINY,
        '--batch',
        '8',
        '--epochs',
        '1',
        '--model',
        model,
        ...more,
        '--workers',
        '1',
        '--test-images',
        '2',
        '--quiet',
        '--json',
        '--out',
        at(`flat-${model}`),
      ),
    );
    expect(result).toMatchObject({ dim: 192, heldOut: { rows: 2 } });
    expect(Number.isFinite(result.heldOut.bitsPerDim.mean)).toBe(true);
    expect(sizeOf(join(at(`flat-${model}`), 'samples.png'))[2]).toBe(3);
  });
});

describe('commands on a run of images', () => {
  it('`evaluate` returns the results that `train` has reported for images', async () => {
    const result = json<Trained>(await within('evaluate', at('run'), '--json'));
    for (const name of ['heldOut', 'reconstruction', 'solves'] as const) expect(result[name]).toEqual(trained[name]);
    const { stdout, stderr } = await within('evaluate', at('run'), '--data', at('small'));
    expect(stdout).toContain('bits per dimension');
    expect(stderr).toContain('including its training images');
  });

  it('`score` prints nats, bits and percentiles of images, and writes them to a file', async () => {
    const { rows, logDensity, bitsPerDim, percentile, lowest } = json<{
      rows: number;
      logDensity: number[];
      bitsPerDim: number[];
      percentile: number[];
      lowest: { image: number }[];
    }>(await within('score', at('run'), at('fresh'), '--json'));
    expect([rows, logDensity.length, percentile.length]).toEqual([20, 20, 20]);
    bitsPerDim.forEach((bits, i) => expect(bits).toBeCloseTo(-logDensity[i]! / 64 / Math.LN2, 10));
    expect(logDensity[lowest[0]!.image - 1]).toBe(Math.min(...logDensity));
    expect(percentile.every((p) => p >= 0 && p <= 100)).toBe(true);
    json(await within('score', at('run'), at('fresh'), '--out', at('scores.csv'), '--json'));
    const table = await readFrame(at('scores.csv'));
    expect([table.columns.map(({ name }) => name), table.rows]).toEqual([
      ['log_density', 'bits_per_dim', 'percentile', 'converged'],
      20,
    ]);
    // The next file is an IDX file, compressed with gzip.
    const pixels = (await readImages(at('fresh'))).pixels.subarray(0, 64);
    writeFileSync(
      at('one-images-idx3-ubyte.gz'),
      gzipSync(Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8]), pixels])),
    );
    const one = json<{ logDensity: number[] }>(
      await within('score', at('run'), at('one-images-idx3-ubyte.gz'), '--json'),
    );
    expect(one.logDensity[0]! / logDensity[0]!).toBeCloseTo(1, 2);
  });

  it('`sample` writes a grid, a file per image, or numbers; the same seed gives the same output', async () => {
    json(await within('sample', at('run'), '-n', '9', '--seed', '3', '--out', at('nine.png'), '--json'));
    expect(sizeOf(at('nine.png'))).toEqual([3 * 50 + 10, 3 * 50 + 10, 1]);
    json(await within('sample', at('run'), '-n', '9', '--seed', '3', '--out', `${at('nine')}/`, '--json'));
    expect(readdirSync(at('nine')).sort()).toEqual(Array.from({ length: 9 }, (_, i) => `${i + 1}.png`));
    json(await within('sample', at('run'), '-n', '9', '--seed', '3', '--out', at('nine.npy'), '--json'));
    const [files, rows] = [await readImages(at('nine')), await readFrame(at('nine.npy'))];
    expect(Array.from(files.pixels, (_, i) => rows.columns[i % 64]!.numbers[Math.floor(i / 64)])).toEqual([
      ...files.pixels,
    ]);
    const { code, stderr } = await within('sample', at('run'), '-n', '9', '--out', `${at('nine')}/`);
    expect([code, stderr]).toEqual([2, expect.stringContaining('exists already')]);
    const { stderr: none } = await within('sample', at('run'));
    expect(none).toContain('--out samples.png');
  });

  it('`plot` draws the pictures of a run on images again, and `inspect` and `data describe` describe the run and the images', async () => {
    const { files } = json<{ files: string[] }>(await within('plot', at('run'), '--json'));
    expect(files).toEqual(
      ['samples', 'interpolations', 'reconstructions', 'curves'].map((name) => join(at('run'), `${name}.png`)),
    );
    const told = json<{ layers: { norm: number; cap: number }[] }>(await within('inspect', at('run'), '--json'));
    expect(told).toMatchObject({
      spec: { shape: [8, 8, 1] },
      steps: 30,
      options: { flip: true, crop: 1 },
      provenance: { source: at('small'), rows: { train: 64, validation: 8, test: 8 } },
    });
    for (const { norm, cap } of told.layers) expect(norm).toBeLessThanOrEqual(cap * (1 + 1e-3));
    const { stdout } = await within('inspect', at('run'));
    expect(stdout).toMatch(/images\s+8 x 8 x 1/);
    expect(json(await within('data', 'describe', at('small'), '--json'))).toMatchObject({
      kind: 'images',
      shape: [8, 8, 1],
      parts: [{ part: 'all', images: 80, labels: [20, 20, 20, 20] }],
    });
    expect((await within('data', 'describe', at('small'))).stdout).toMatch(/west\s+20/);
    const { sets } = json<{ sets: { name: string; kind: string }[] }>(await within('data', 'list', '--json'));
    expect(sets.filter(({ kind }) => kind === 'images').map(({ name }) => name)).toEqual(['digits', 'fashion-mnist']);
  });
});

describe('wrong options and files for images', () => {
  const train = (data: string, ...more: readonly string[]): readonly string[] => [
    'train',
    '--data',
    data,
    '--out',
    at('new'),
    ...more,
  ];
  const cases: readonly (readonly [what: string, args: () => readonly string[], said: readonly string[]])[] = [
    ['--columns for images', () => train(at('small'), '--columns', 'a'), ['--columns does not apply to images']],
    ['the image preset for a table', () => train('penguins', '--preset', 'image'), ['--preset', 'tabular', '"image"']],
    [
      'the tabular preset for images',
      () => train('digits', '--preset', 'tabular'),
      ['--preset', 'classifier', '"tabular"'],
    ],
    [
      '--scales for a table',
      () => train('penguins', '--scales', '2'),
      ['--scales does not apply to a table', 'penguins'],
    ],
    [
      '--scales with --task density for a table',
      () => train('penguins', '--task', 'density', '--scales', '2'),
      ['--scales does not apply to a table', 'penguins'],
    ],
    ['--flip for a toy', () => train('moons', '--flip'), ['--flip', 'moons']],
    [
      '--widths for a density',
      () => train('digits', '--widths', '8'),
      ['--widths does not apply to a density of images'],
    ],
    [
      'a model of classifiers',
      () => train('digits', '--model', 'vanilla'),
      ['--model', 'implicit, residual, monotone, coupling'],
    ],
    ['sides that cannot be halved twice', () => train(at('odd'), '--scales', '2'), ['6 x 10', '2^2', '--scales to 1']],
    ['filters with an even side', () => train('digits', '--kernels', '3,2,3'), ['--kernels', 'odd']],
    ['fewer filter sides than layers', () => train('digits', '--kernels', '3,3'), ['--kernels', '3 sides']],
    [
      'an unknown value of --memory',
      () => train('digits', '--memory', 'budgt'),
      ['--memory', 'Did you mean "budget"?'],
    ],
    [
      '--memory for a coupling flow',
      () => train('digits', '--model', 'coupling', '--memory', 'budget'),
      ['--memory', 'coupling'],
    ],
    ['a batch larger than the images', () => train(at('small'), '--batch', '65'), ['--batch', 'at most 64', 'images']],
    ['a missing path', () => train(at('nowhere/images')), ['nowhere/images', 'nothing at that path']],
    [
      'classes of a table',
      () => train('penguins', '--task', 'classify'),
      ['penguins', '--task does not apply to a table'],
    ],
    ['a score of images of another size', () => ['score', at('run'), at('odd')], ['odd', '8 x 8', '6 x 10']],
    ['a score of a table by a run on images', () => ['score', at('run'), 'penguins'], ['penguins', 'a table']],
    [
      'evaluation on images of another size',
      () => ['evaluate', at('run'), '--data', 'digits'],
      ['digits', '8 x 8', '28 x 28'],
    ],
    [
      'a resumed run with another crop',
      () => ['train', '--resume', '--out', at('run'), '--crop', '2'],
      ['--crop', 'expected 1'],
    ],
    [
      'samples of an unknown kind',
      () => ['sample', at('run'), '--out', at('s.pgn')],
      ['s.pgn', 'Did you mean ".png"?'],
    ],
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
