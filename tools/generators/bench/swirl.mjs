// A map of known slope for the benchmarks of plugins.
import { fold, key, drawNormal } from '../../../packages/core/dist/index.js';
import { tf } from '../../bench/library.mjs';

/**
 * Returns the map `y -> slope sin(Q y + b)` with an orthogonal `Q`, which is a reflection after a reversal, and a small
 * `b`. The map rotates all directions and contracts them by nearly `slope`.
 *
 * @param {number} dim
 * @param {number} slope
 * @returns {(y: import('@tensorflow/tfjs-core').Tensor) => import('@tensorflow/tfjs-core').Tensor}
 */
export const swirl = (dim, slope) => {
  const across = drawNormal(fold(key(3), 0), [dim, 1]);
  const shift = tf.tidy(() => tf.mul(0.1, drawNormal(fold(key(3), 1), [1, dim])));
  const size = tf.tidy(() => tf.sum(tf.square(across)));
  return (y) =>
    tf.tidy(() => {
      const turned = tf.reverse(y, 1);
      const along = tf.div(tf.matMul(turned, across), size);
      return tf.mul(slope, tf.sin(tf.add(tf.sub(turned, tf.mul(2, tf.matMul(along, across, false, true))), shift)));
    });
};
