import { FlowError } from '@impflow/core';

/** Pictures of one size, as bytes. */
export interface Images {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly count: number;
  /** Grey levels or colours 0 to 255, `[count, height, width, channels]`, row-major: channels last. */
  readonly pixels: Uint8Array;
  /** The class of each picture, `[count]`, an index into `classes` where there are names. */
  readonly labels?: Uint8Array;
  readonly classes?: readonly string[];
  /** Where the pictures came from, for messages: a path, or the name of a data set. */
  readonly source: string;
}

/** The pictures of these indices, with their labels, in this order; a copy. @throws `input` for an index outside the set. */
export const pickImages = (images: Images, indices: Uint32Array): Images => {
  const size = pixelsOf(images);
  const pixels = new Uint8Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = checkedIndex('data/pickImages', images, indices[i]!) * size;
    pixels.set(images.pixels.subarray(from, from + size), i * size);
  }
  const { labels } = images;
  return { ...images, count: indices.length, pixels, ...(labels === undefined ? {} : { labels: Uint8Array.from(indices, (index) => labels[index]!) }) };
};

/** Numbers in one picture. */
export const pixelsOf = ({ shape: [height, width, channels] }: Pick<Images, 'shape'>): number => height * width * channels;

/** The index itself. @throws `input` where no picture stands there. */
export const checkedIndex = (at: string, { count, source }: Pick<Images, 'count' | 'source'>, index: number): number => {
  if (index < count) return index;
  throw new FlowError('input', at, `No such image in ${source}`, { expected: `indices below ${count}`, got: String(index) });
};
