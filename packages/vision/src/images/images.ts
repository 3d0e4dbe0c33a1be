import { FlowError, shown } from '@impflow/core';

/** Images of one size, as bytes. */
export interface Images {
  /** Size of each image. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Number of images. */
  readonly count: number;
  /** Gray levels or colors, 0 to 255, `[count, height, width, channels]`, row-major. */
  readonly pixels: Uint8Array;
  /**
   * Class of each image, `[count]`. If `classes` is present, a label is an index into `classes`. The field is undefined
   * if the images have no classes.
   */
  readonly labels?: Uint8Array;
  /** Name of each class. The field is undefined if the names are unknown. */
  readonly classes?: readonly string[];
  /** Origin of the images, for messages: a path, or the name of a data set. */
  readonly source: string;
}

/**
 * Returns copies of the images with the given indices, with their labels, in the order of the indices.
 *
 * @throws `input` for an index outside the set.
 */
export const pickImages = (images: Images, indices: Uint32Array): Images => {
  const size = pixelsOf(images);
  const pixels = new Uint8Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = checkedIndex('vision/pickImages', images, indices[i]!) * size;
    pixels.set(images.pixels.subarray(from, from + size), i * size);
  }
  const { labels } = images;
  return {
    ...images,
    count: indices.length,
    pixels,
    ...(labels === undefined ? {} : { labels: Uint8Array.from(indices, (index) => labels[index]!) }),
  };
};

/** Returns the number of values per image. */
export const pixelsOf = ({ shape: [height, width, channels] }: Pick<Images, 'shape'>): number =>
  height * width * channels;

/**
 * Checks that there is an image with the given index, and returns the index.
 *
 * @throws `input` if there is no image at the index.
 */
export const checkedIndex = (
  at: string,
  { count, source }: Pick<Images, 'count' | 'source'>,
  index: number,
): number => {
  if (index < count) return index;
  throw new FlowError('input', at, `No such image in ${source}`, {
    expected: `indices below ${count}`,
    got: shown(index),
  });
};
