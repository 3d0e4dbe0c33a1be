// The bundled digits as training data for the scripts in this folder: gray levels with uniform noise that is drawn for
// each batch, `[B, 28, 28, 1]`.
import { core, tf, vision } from '../bench/library.mjs';

/**
 * @import { Key } from '@impflow/core'
 * @import { Images } from '@impflow/vision'
 */

export const digits = await vision.imageDatasets.digits.load();

/**
 * Returns the images with the given indices, with noise drawn from a key.
 *
 * @param {Images} images
 * @param {Uint32Array} indices
 * @param {Key} key
 */
export const noisy = (images, indices, key) =>
  tf.tensor(vision.imageBatch(images, indices, { key }).values, [indices.length, ...images.shape]);

/**
 * Returns a function that returns batches of training images. A batch depends only on the key.
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
