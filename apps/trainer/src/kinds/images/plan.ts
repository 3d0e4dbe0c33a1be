import { FlowError, sizeOf, type Key } from '@impflow/core';
import { imagePreset, type FlowSpec } from '@impflow/flows';
import { runKey } from '@impflow/training';
import { imageBatches } from '@impflow/vision';
import type { ImageData } from '../../dataset/split-images.ts';
import { bitsUnit, inBits } from '../../measure/bits.ts';
import { imageEvents } from '../../measure/events.ts';
import { heldOut } from '../../measure/held-out.ts';
import { independentPixels } from '../../measure/independent-pixels.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { flowModel } from '../../model/model.ts';
import type { DataSize, Settings } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import type { Plan } from '../plan.ts';
import { augmentation, densityChoices } from '../preset-options.ts';
import { testPart, noiseKey } from './data.ts';
import { reportOnImages } from './test-report.ts';

/** Size of the data of a density of images. */
export const imagesSize = ({ name, shape, train }: ImageData): DataSize => ({
  name,
  rows: train.count,
  dim: sizeOf(shape),
});

/**
 * The plan of a density of images. It models gray levels with uniform noise: new noise at every step, noise fixed by
 * the seed on held-out images.
 */
export const imagesPlan = (data: ImageData, settings: Settings, spec: FlowSpec = imagesSpec(data, settings)): Plan => {
  const { shape, train, validation } = data;
  const { batch, seed } = settings;
  const dim = sizeOf(shape);
  const key = (part: 'validation' | 'test'): Key => noiseKey(seed, part);
  const test = testPart(data.test, settings);
  const baseline = inBits(heldOut(independentPixels(train, test)), dim);
  return {
    spec,
    size: imagesSize(data),
    shape,
    rowsOfStep: imageBatches(train, { size: batch, key: runKey(seed, 'batches'), ...augmentation(settings) }),
    record: { columns: [], dequantised: {} },
    unit: bitsUnit(dim),
    remarks: [
      `${number(train.count)} images to train on; validation on ${number(validation.count)} others, test on ${number(test.count)}.`,
    ],
    testRemark: `Judging the best weights by ${number(test.count)} test images.`,
    build: (options) => {
      const model = flowModel(spec, options);
      return {
        model,
        validate: async (parallel) =>
          heldOut(await modelOutputs(model, imageEvents(validation, key('validation')), { parallel })),
        test: (training) => reportOnImages(model, { test, events: imageEvents(test, key('test')), baseline }, training),
      };
    },
  };
};

/**
 * The spec of a flow of images.
 *
 * @throws `option` if the sides cannot be halved `scales` times.
 */
const imagesSpec = ({ shape, name }: ImageData, settings: Settings): FlowSpec => {
  const { scales = 2, kernels, factorOut, denseBlocks, denseHidden } = settings;
  const [height, width] = shape;
  const halvings = (side: number): number => {
    let n = 0;
    while (side % 2 ** (n + 1) === 0) n++;
    return n;
  };
  const most = Math.min(halvings(height), halvings(width));
  if (scales > most) {
    throw new FlowError('option', 'cli', `The images of ${name} cannot be halved ${scales} times`, {
      expected: `sides that 2^${scales} divides, one halving for each of --scales`,
      got: `${height} x ${width}`,
      hint:
        most === 0
          ? 'Pad or cut the images to even sides.'
          : `Give --scales ${most}${most > 1 ? ' or less' : ''}, or pad the images.`,
    });
  }
  return imagePreset({
    shape,
    scales,
    ...densityChoices(settings),
    ...(kernels === undefined ? {} : { kernels }),
    ...(factorOut === undefined ? {} : { factorOut }),
    dense: {
      ...(denseBlocks === undefined ? {} : { blocks: denseBlocks }),
      ...(denseHidden === undefined ? {} : { hidden: denseHidden }),
    },
  });
};
