import type { Images } from '@impflow/data';

const LEVELS = 256;

/**
 * `log p` of each image where all numbers of an image are independent, each with the grey levels that it has in `train`, all counted once
 * more (Laplace): the density that knows everything but what one pixel says of another. The same for every noise in `[0, 1)`.
 *
 * @remarks Float64; a table of 256 counts for each number of an image.
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
