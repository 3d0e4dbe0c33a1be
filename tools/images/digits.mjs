// The bundled digits as training data for the scripts of this folder: gray levels with new uniform noise, `[B, 28, 28,
// 1]`.
import { core, tf, vision } from '../bench/library.mjs';

/**
 * @import { Key } from '@impflow/core'
 * @import { Images } from '@impflow/vision'
 */

export const digits = await vision.imageDatasets.digits.load();

/**
 * Some images with noise from a key.
 *
 * @param {Images} images
 * @param {Uint32Array} indices
 * @param {Key} key
 */
export const noisy = (images, indices, key) =>
  tf.tensor(vision.imageBatch(images, indices, { key }).values, [indices.length, ...images.shape]);

/**
 * Batches of training images; a function of the key only.
 *
 * @param {number} size
 * @returns {(step: number, key: Key) => import('@tensorflow/tfjs-core').Tensor}
 */
export const batchOf = (size) => (_step, key) =>
  noisy(
    digits.train,
    Uint32Array.from(core.uniforms(core.fold(key, 0), size), (u) => Math.floor(u * digits.train.count)),
    core.fold(key, 1),
  );
