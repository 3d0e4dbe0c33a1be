import type { Images } from '../images/images.ts';

const LEVELS = 256;

/**
 * `log p` of each image, `[images]`, under independent pixels: each number of an image has the distribution of gray
 * levels that it has in `train`, each level counted once more (Laplace). The value is the same for any noise in
 * `[0, 1)`.
 *
 * @remarks Computed in float64, with 256 counts for each number of an image.
 */
export const independentPixels = (train: Images, images: Images): Float64Array => {
  const size = train.pixels.length / train.count;
  const counts = new Uint32Array(size * LEVELS).fill(1);
  for (let i = 0; i < train.pixels.length; i++) counts[(i % size) * LEVELS + train.pixels[i]!]! += 1;
  const total = Math.log(train.count + LEVELS);
  return Float64Array.from({ length: images.count }, (_, image) => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum += Math.log(counts[at * LEVELS + images.pixels[image * size + at]!]!) - total;
    return sum;
  });
};
