import { train } from '@tensorflow/tfjs-core';
// Two models of @tensorflow/tfjs-layers, written as in any other program.
import { layers, sequential } from '@tensorflow/tfjs-layers';

/** @import { Optimizer } from '@tensorflow/tfjs-core' */
/** @import { Sequential } from '@tensorflow/tfjs-layers' */

/**
 * Returns an initializer with a seed, so that every backend starts from the same weights.
 *
 * @param {number} seed
 */
const glorot = (seed) => ({ kernelInitializer: seeded('GlorotUniform', seed) });
/**
 * Returns the record of a seeded initializer. Layers accept this record, although the types of layers do not allow it.
 *
 * @param {string} className
 * @param {number} seed
 * @returns {any}
 */
const seeded = (className, seed) => ({ className, config: { seed } });

/**
 * @param {Sequential} model
 * @param {Optimizer} optimizer
 */
const compiled = (model, optimizer) => {
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
};

/** Returns a dense net with two hidden layers, from 784 inputs to 10 classes. */
export const mlp = () =>
  compiled(
    sequential({
      layers: [
        layers.flatten({ inputShape: [28, 28, 1] }),
        layers.dense({ units: 128, activation: 'relu', ...glorot(1) }),
        layers.dense({ units: 128, activation: 'tanh', ...glorot(2) }),
        layers.dense({ units: 10, activation: 'softmax', ...glorot(3) }),
      ],
    }),
    train.adam(2e-3),
  );

/** Returns a net with two convolutions, pooling, batch normalization and dropout. */
export const convNet = () =>
  compiled(
    sequential({
      layers: [
        layers.conv2d({
          inputShape: [28, 28, 1],
          filters: 16,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          ...glorot(4),
        }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', ...glorot(5) }),
        layers.batchNormalization({ momentum: 0.9 }),
        layers.activation({ activation: 'relu' }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dropout({ rate: 0.25, seed: 7 }),
        layers.dense({ units: 10, activation: 'softmax', ...glorot(6) }),
      ],
    }),
    train.adam(2e-3),
  );

/** @typedef {keyof typeof models} ModelName */

export const models = { mlp, convNet };
