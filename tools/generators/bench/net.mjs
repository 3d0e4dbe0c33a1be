// Maps for the benches of plugins: how steep they are is known.
import { fold, key, normal } from '../../../packages/core/dist/index.js';
import { dense, sequential } from '../../../packages/lipschitz/dist/index.js';
import { tf } from '../../bench/library.mjs';

/** Three dense layers of random weights so large that every cap binds: the product of their norms is `bound`, most directions contract more. */
export const steepNet = ({ dim, width, bound, activation }) => {
  const widths = [dim, width, width, dim];
  const layers = [0, 1, 2].map((i) => dense({ inputs: widths[i], outputs: widths[i + 1], coeff: bound ** (1 / 3), key: fold(key(1), i) }));
  for (const [i, { parameters: { weight } }] of layers.entries()) {
    const drawn = normal(fold(key(2), i), weight.shape);
    weight.assign(drawn);
    drawn.dispose();
  }
  const g = sequential([dim], [layers[0], activation(), layers[1], activation(), layers[2]]);
  g.refresh({ tolerance: 1e-3 });
  return g;
};

/** `y -> slope sin(Q y + b)` with `Q` orthogonal, a reflection after a reversal, and `b` small: all directions contract by nearly `slope`, and turn. */
export const swirl = (dim, slope) => {
  const across = normal(fold(key(3), 0), [dim, 1]);
  const shift = tf.tidy(() => tf.mul(0.1, normal(fold(key(3), 1), [1, dim])));
  const size = tf.tidy(() => tf.sum(tf.square(across)));
  return (y) => tf.tidy(() => {
    const turned = tf.reverse(y, 1);
    const along = tf.div(tf.matMul(turned, across), size);
    return tf.mul(slope, tf.sin(tf.add(tf.sub(turned, tf.mul(2, tf.matMul(along, across, false, true))), shift)));
  });
};
