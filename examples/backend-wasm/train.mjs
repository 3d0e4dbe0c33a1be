import { tensor, tensor1d } from '@tensorflow/tfjs-core';
import { digits } from './digits.mjs';
import { models } from './models.mjs';

/** @import { Scalar } from '@tensorflow/tfjs-core' */
/** @import { Digits, Sample } from './digits.mjs' */
/** @import { ModelName } from './models.mjs' */

/**
 * Returns images and labels as tensors, which the caller disposes of.
 *
 * @param {Sample} sample
 */
export const tensors = ({ images, labels }) => ({
  x: tensor(images, [labels.length, 28, 28, 1]),
  y: tensor1d(Float32Array.from(labels)),
});

/**
 * Trains a model on the running backend and tests it. Returns `{ seconds, losses, accuracy }`, with the seconds of each
 * epoch. The first epoch includes the warm-up of the engine.
 *
 * @param {ModelName} name
 * @param {{ readonly epochs?: number; readonly batchSize?: number; readonly data?: Digits }} [options]
 */
export const trainOn = async (name, { epochs = 3, batchSize = 64, data = digits() } = {}) => {
  const model = models[name]();
  const [train, test] = [tensors(data.train), tensors(data.test)];
  /** @type {number[]} */
  const seconds = [];
  /** @type {number[]} */
  const losses = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const start = performance.now();
    const { history } = await model.fit(train.x, train.y, {
      epochs: 1,
      batchSize,
      shuffle: false,
      verbose: 0,
      yieldEvery: 'never',
    });
    seconds.push((performance.now() - start) / 1000);
    losses.push(/** @type {number} */ (history.loss[0]));
  }
  const [, accuracy] = /** @type {Scalar[]} */ (model.evaluate(test.x, test.y, { batchSize: 250 }));
  const result = { seconds, losses, accuracy: accuracy.dataSync()[0] };
  for (const { x, y } of [train, test]) {
    x.dispose();
    y.dispose();
  }
  model.dispose();
  return result;
};

/**
 * Returns a training for measurements of time: `step()` takes one optimizer step on one batch of digits and returns its
 * loss. Call `dispose()` at the end.
 *
 * @param {ModelName} name
 * @param {{ readonly batchSize?: number; readonly data?: Digits }} [options]
 * @returns {{ readonly step: () => Promise<number>; readonly dispose: () => void }}
 */
export const stepper = (
  name,
  { batchSize = 64, data = digits({ train: Math.ceil(batchSize / 10), test: 0 }) } = {},
) => {
  const model = models[name]();
  const { images, labels } = data.train;
  const { x, y } = tensors({ images: images.subarray(0, batchSize * 784), labels: labels.subarray(0, batchSize) });
  return {
    step: async () => /** @type {number[]} */ (await model.trainOnBatch(x, y))[0],
    dispose: () => {
      x.dispose();
      y.dispose();
      model.dispose();
    },
  };
};
