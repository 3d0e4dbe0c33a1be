// Handwritten digits (MNIST, from the package `mnist`), 28 x 28 pixels in [0, 1], shuffled with a fixed seed.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const PIXELS = 28 * 28;

/**
 * Images `[n, 784]` and labels `[n]`.
 *
 * @typedef {{ readonly images: Float32Array; readonly labels: Uint8Array }} Sample
 */

/** @typedef {{ readonly train: Sample; readonly test: Sample }} Digits */

/**
 * Returns `train` training images and `test` test images of each of the ten digits.
 *
 * @param {{ readonly train?: number; readonly test?: number }} [options]
 * @returns {Digits}
 */
export const digits = ({ train = 500, test = 100 } = {}) => {
  const kinds = Array.from({ length: 10 }, (_, digit) =>
    Float32Array.from(require(`mnist/src/digits/${digit}.json`).data),
  );
  /**
   * @param {number} from
   * @param {number} count
   */
  const take = (from, count) => {
    const order = shuffled(kinds.flatMap((_, digit) => Array.from({ length: count }, (_, i) => [digit, from + i])));
    const images = new Float32Array(order.length * PIXELS);
    order.forEach(([digit, i], at) => images.set(kinds[digit].subarray(i * PIXELS, (i + 1) * PIXELS), at * PIXELS));
    return { images, labels: Uint8Array.from(order, ([digit]) => digit) };
  };
  return { train: take(0, train), test: take(train, test) };
};

/**
 * @template T
 * @param {T[]} items
 */
const shuffled = (items) => {
  let state = 1;
  for (let i = items.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const j = state % (i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
};
