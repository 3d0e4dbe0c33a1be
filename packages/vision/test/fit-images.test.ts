import { wasm } from '@impflow/backend-wasm';
import { builtInRegistries } from '@impflow/flows';
import { decodeCheckpoint } from '@impflow/training';
import {
  fitImages,
  imageDatasets,
  openImages,
  pickImages,
  type ClassifierReport,
  type DensityReport,
  type FitImagesEnd,
  type FitImagesOptions,
  type Images,
  type ImageSplit,
} from '@impflow/vision';
import { memory } from '@tensorflow/tfjs-core';
import type { FitEvent } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';

const registries = builtInRegistries;
const DENSITY = { scales: 1, blocks: 1, hidden: [4], denseBlocks: 0, batch: 16, lr: 5e-3, validateEvery: 2 } as const;
const CLASSIFIER = { task: 'classify', widths: [4], batch: 16, lr: 5e-3, validateEvery: 2 } as const;

type Ended = Extract<FitImagesEnd, { readonly report: object }>;

let digits: ImageSplit;

const first = (images: Images, count: number): Images =>
  pickImages(
    images,
    Uint32Array.from({ length: count }, (_, i) => i),
  );

const fitted = async (options: Omit<FitImagesOptions, 'registries'>): Promise<Ended> => {
  const end = await fitImages(digits, { registries, ...options });
  if (end.stopped === 'aborted') throw new Error('The training was aborted.');
  return end;
};

beforeAll(async () => {
  await wasm().start();
  const { train, test } = await imageDatasets.digits.load();
  digits = { train: first(train, 200), test: first(test, 30) };
});

describe('fitImages of a density', () => {
  const events: FitEvent[] = [];
  let end: Ended;
  let report: DensityReport;

  beforeAll(async () => {
    end = await fitted({
      ...DENSITY,
      steps: 6,
      onEvent: (event) => void events.push(event),
      place: { data: 'digits' },
    });
    report = end.report as DensityReport;
  });

  it('the report of a density is plain JSON with bits per dimension, reconstruction errors and layer norms', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(Object.keys(report).toSorted().join(' ')).toBe(
      'backend bestStep dim heldOut lipschitz memory model parameters reconstruction remarks rivals seconds shape solves source steps time workers',
    );
    const { heldOut, rivals, reconstruction, lipschitz } = report;
    expect(heldOut.bitsPerDim.mean).toBeCloseTo(heldOut.nats / 784 / Math.LN2, 10);
    expect(rivals).toMatchObject([{ name: 'independent pixels', rows: 30 }]);
    expect(reconstruction.images).toBe(30);
    expect(reconstruction.max).toBeLessThan(1e-3);
    expect(lipschitz.layers).toBeGreaterThan(0);
    expect(lipschitz.largestRatio).toBeLessThan(1.001);
    expect(report).toMatchObject({ steps: 6, workers: 1, dim: 784, shape: [28, 28, 1] });
    expect(report.backend).toMatch(/^wasm \(\w+\)$/);
    expect(report.remarks).toEqual([
      '180 training images, 20 validation images and 30 test images.',
      'Evaluating the best weights on 30 test images.',
    ]);
  });

  it('fitImages sends an event for every step, and the validation loss decreases', () => {
    const steps = events.flatMap((event) => (event.kind === 'step' ? [event] : []));
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    const losses = steps.flatMap(({ validation }) => (validation === undefined ? [] : [validation.nats]));
    expect(losses).toHaveLength(3);
    expect(losses[2]!).toBeLessThan(losses[0]!);
  });

  it('a density scores, draws, interpolates and reconstructs images, and refuses images of a different size', async () => {
    const { model } = end;
    if (model.kind !== 'density') throw new Error('A density was trained.');
    const images = first(digits.test, 5);
    const scores = await model.score(images);
    for (const column of Object.values(scores)) expect(column).toHaveLength(5);
    expect(scores.bitsPerDim[0]).toBeCloseTo(-scores.logDensity[0]! / 784 / Math.LN2, 3);
    expect(scores.percentile.every((value: number) => value >= 0 && value <= 100)).toBe(true);
    expect((await model.score(images)).logDensity).toEqual(scores.logDensity);
    const drawn = model.sample(3, { seed: 1 });
    expect(drawn).toMatchObject({ shape: [28, 28, 1], count: 3 });
    expect(model.sample(3, { seed: 1 }).pixels).toEqual(drawn.pixels);
    expect(model.interpolate(images, { pairs: 2, steps: 4 }).count).toBe(8);
    const back = model.reconstruct(images);
    const different = back.pixels.reduce((count, level, i) => count + (level === images.pixels[i] ? 0 : 1), 0);
    expect(different / back.pixels.length).toBeLessThan(0.02);
    const small: Images = { shape: [2, 2, 1], count: 1, pixels: new Uint8Array(4), source: 'small images' };
    await expect(model.score(small)).rejects.toThrow('small images does not fit the model: expected images 28 x 28');
  });

  it('a density that is opened from its bytes evaluates to the results in its report', async () => {
    const opened = openImages(decodeCheckpoint(end.model.toBytes()), registries, 'these bytes');
    if (opened.kind !== 'density') throw new Error('A density was trained.');
    const { seconds: _seconds, ...figures } = await opened.evaluate(digits.test);
    expect(report).toMatchObject(figures);
    expect(opened.contents.report).toEqual(report);
    expect(opened.contents.quantiles).toHaveLength(1001);
    expect(opened.about()).toMatchObject({
      spec: { shape: [28, 28, 1] },
      steps: 6,
      parameters: report.parameters,
      provenance: { rows: { train: 180, validation: 20, test: 30 } },
    });
    expect(opened.about().layers).toHaveLength(report.lipschitz.layers);
    // The path in the checkpoint is the path of the whole set, but the training used only 230 images of the set.
    await expect(opened.testImages()).rejects.toThrow('differs from the images that these bytes was trained on');
    const before = memory().numTensors;
    opened.dispose();
    expect(memory().numTensors).toBeLessThan(before);
  });

  it('a training of a density that is paused and resumed gives results that are bit-identical to an uninterrupted training', async () => {
    const options = { ...DENSITY, flip: true, crop: 1, ema: 0.9, factorOut: true, scales: 2, steps: 4 } as const;
    const whole = await fitted(options);
    let saved: Uint8Array | undefined;
    const paused = await fitImages(digits, {
      registries,
      ...options,
      until: 3,
      save: async (bytes) => {
        saved = bytes;
      },
    });
    expect([paused.stopped, paused.step]).toEqual(['aborted', 3]);
    const resumed = await fitted({ resume: decodeCheckpoint(saved!) });
    expect(resumed.checkpoint.tensors).toEqual(whole.checkpoint.tensors);
    expect((resumed.report as DensityReport).heldOut).toEqual((whole.report as DensityReport).heldOut);
    const others = { train: first(digits.train, 100), test: digits.test };
    await expect(fitImages(others, { registries, resume: decodeCheckpoint(saved!) })).rejects.toThrow(
      'differs from the images that the model was trained on',
    );
  });
});

describe('fitImages of a density whose training is extended', () => {
  let short: Ended;
  const continued = (options: Pick<FitImagesOptions, 'steps' | 'epochs'>): Promise<Ended> =>
    fitted({ resume: decodeCheckpoint(short.model.toBytes()), ...options });

  beforeAll(async () => {
    short = await fitted({ ...DENSITY, steps: 4 });
  });

  it('a training of 4 steps that is extended to 6 steps gives results that are bit-identical to a training of 6 steps', async () => {
    const longer = await fitted({ ...DENSITY, steps: 6 });
    const end = await continued({ steps: 6 });
    expect([end.step, end.settings.steps, end.settings.horizon]).toEqual([6, 6, 4]);
    expect(end.checkpoint.tensors).toEqual(longer.checkpoint.tensors);
  });

  it('a training that is extended to a number of epochs stores the corresponding number of steps instead of the epochs', async () => {
    const end = await continued({ epochs: 1 });
    // An epoch of 180 images has 11 whole batches of 16 images.
    expect([end.step, end.settings.steps]).toEqual([11, 11]);
    expect(end.settings).not.toHaveProperty('epochs');
  });

  it('an extended training refuses fewer steps than it has already made', async () => {
    await expect(continued({ steps: 3 })).rejects.toThrow(
      '[vision/fit] The training already has more steps: expected at least 4 steps, got 3. Steps count from the start of the training.',
    );
  });
});

describe('fitImages of a classifier', () => {
  let end: Ended;
  let report: ClassifierReport;
  const accuracies: (number | undefined)[] = [];

  beforeAll(async () => {
    end = await fitted({
      ...CLASSIFIER,
      steps: 6,
      onEvent: (event) => {
        if (event.kind === 'step' && event.validation !== undefined) accuracies.push(event.accuracy);
      },
    });
    report = end.report as ClassifierReport;
  });

  it('the report of a classifier is plain JSON with accuracy, cross-entropy and confusion matrix', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(report.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(30);
    const hits = report.confusion.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(report.heldOut).toMatchObject({ rows: 30, accuracy: { mean: hits / 30 } });
    expect(report.rivals).toMatchObject([{ name: 'most frequent class' }]);
    expect(report.rivals[0].crossEntropy).toBeCloseTo(Math.log(10), 1);
    expect(accuracies).toHaveLength(3);
    for (const share of accuracies) expect(share! >= 0 && share! <= 1).toBe(true);
  });

  it('a classifier that is opened from its bytes returns class probabilities that sum to 1', async () => {
    const opened = openImages(decodeCheckpoint(end.model.toBytes()), registries, 'these bytes');
    if (opened.kind !== 'classifier') throw new Error('A classifier was trained.');
    const { predicted, probabilities, heldOut } = await opened.score(digits.test);
    expect([predicted.length, probabilities.length]).toEqual([30, 300]);
    for (let i = 0; i < 30; i++)
      expect(probabilities.subarray(10 * i, 10 * i + 10).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(heldOut).toEqual(report.heldOut);
    const mistakes = await opened.mistakes(digits.test);
    expect(mistakes).toHaveLength(30 - Math.round(30 * report.heldOut.accuracy.mean));
    for (const { image, truth, guess } of mistakes)
      expect([truth, guess]).toEqual([digits.test.labels![image], predicted[image]]);
    const { seconds: _seconds, ...figures } = await opened.evaluate(digits.test);
    expect(report).toMatchObject(figures);
    expect(opened.about().classes).toEqual(report.classes);
    expect(() =>
      openImages(decodeCheckpoint(end.model.toBytes()), registries, 'these bytes', { name: 'exact' }),
    ).toThrow('The option logdet does not apply to a classifier');
  });

  it('a training of a classifier that is paused and resumed gives results that are bit-identical to an uninterrupted training', async () => {
    let saved: Uint8Array | undefined;
    await fitImages(digits, {
      registries,
      ...CLASSIFIER,
      steps: 6,
      until: 3,
      save: async (bytes) => {
        saved = bytes;
      },
    });
    const resumed = await fitted({ resume: decodeCheckpoint(saved!) });
    expect(resumed.checkpoint.tensors).toEqual(end.checkpoint.tensors);
    expect((resumed.report as ClassifierReport).heldOut).toEqual(report.heldOut);
  });
});

describe('fitImages with wrong input', () => {
  const plain = (): Images => {
    const { labels: _labels, ...images } = digits.train;
    return images;
  };
  const cases: readonly (readonly [
    what: string,
    options: Omit<FitImagesOptions, 'registries'>,
    said: string,
    images?: () => Images,
  ])[] = [
    ['an unknown option', { bloks: 1 } as object, 'Did you mean "blocks"?'],
    [
      'a flag that is a string',
      { flip: 'yes' } as unknown as object,
      'Wrong value of the option flip: expected true or false',
    ],
    ['the option widths for a density', { widths: [8] }, 'The option widths does not apply to a density of images'],
    [
      'scales of a classifier',
      { task: 'classify', scales: 2 },
      'The option scales does not apply to a classifier of images',
    ],
    ['the preset image for a classifier', { task: 'classify', preset: 'image' }, 'The preset image does not fit'],
    ['the model vanilla for a density', { model: 'vanilla' }, 'expected one of implicit, residual, monotone, coupling'],
    ['the model coupling for a classifier', { task: 'classify', model: 'coupling' }, 'implicit, residual, vanilla'],
    ['a fitted base', { base: 'fitted' }, 'value of the option base'],
    ['even filters', { kernels: [3, 2, 3] }, 'only odd numbers in the option kernels'],
    ['too few filters', { kernels: [3, 3] }, '3 sides in the option kernels'],
    [
      'memory of a coupling',
      { model: 'coupling', memory: 'budget' },
      'The option memory has no effect in a coupling flow',
    ],
    ['sides that cannot be halved', { scales: 3 }, 'cannot be halved 3 times'],
    ['a large batch', { batch: 181 }, 'at most 180'],
    ['two lengths', { steps: 1, epochs: 1 }, 'contradict each other'],
    ['images without labels', { task: 'classify' }, 'No labels in', plain],
    ['few images', {}, 'Too few images', () => first(digits.train, 9)],
  ];
  it.each(cases.map(([what, ...one]) => ({ what, one })))(
    'fitImages refuses $what with an error message',
    async ({ one: [options, said, images] }) => {
      const given = images === undefined ? digits : { all: images() };
      await expect(fitImages(given, { registries, ...options })).rejects.toThrow(said);
    },
  );
});
