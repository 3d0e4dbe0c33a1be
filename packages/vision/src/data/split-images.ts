import { createHash } from 'node:crypto';
import { FlowError, shown, type Key } from '@impflow/core';
import { splitRows } from '@impflow/tables';
import { dataKey } from '@impflow/training';
import { pickImages, type Images } from '../images/images.ts';
import type { ImageSource } from './load-images.ts';

/**
 * A tenth of the images, but at most 500 images, is held out for validation, because each validation evaluates all
 * held-out images.
 */
const VALIDATION = { share: 0.1, most: 500 } as const;
const TEST_SHARE = 0.1;
const FEWEST = 10;

/** Images that are split into training, validation and test images. */
export interface ImageParts {
  /** Origin of the images, for messages. */
  readonly source: string;
  /** SHA-256 of sizes, pixels and labels. */
  readonly hash: string;
  /** Shape of an image: `[height, width, channels]`. */
  readonly shape: Images['shape'];
  /** Training images. */
  readonly train: Images;
  /** Validation images, by whose loss the best step is chosen. */
  readonly validation: Images;
  /** Test images. No choice of the training depends on these images. */
  readonly test: Images;
}

/** Options of {@link splitImages}. */
export interface SplitImagesOptions {
  /** Random key of the split: `runKey(seed, 'data')`. */
  readonly key: Key;
  /** Number of test images to use. The first test images are used. Default: all test images. */
  readonly testImages?: number | undefined;
}

/**
 * Splits images into training, validation and test images. The result depends only on the images and the key. If no
 * test images are given separately, the test images are a random tenth of the images.
 *
 * @throws `input` for fewer than ten images.
 */
export const splitImages = (images: ImageSource, { key, testImages = Infinity }: SplitImagesOptions): ImageParts => {
  const parts = partsOf(images);
  const [first] = parts;
  const { shape, count, source } = first;
  if (count < FEWEST)
    throw new FlowError('input', 'vision/fit', `Too few images in ${source}`, {
      expected: `at least ${FEWEST}`,
      got: shown(count),
      hint: 'Give more images.',
    });
  const validation = Math.min(VALIDATION.most, Math.max(1, Math.round(VALIDATION.share * count)));
  const split = splitRows(count, {
    key: dataKey(key, 'split'),
    fractions: { validation: validation / count, test: 'all' in images ? TEST_SHARE : 0 },
  });
  const test = 'all' in images ? pickImages(first, split.test) : images.test;
  return {
    source,
    shape,
    hash: imagesHash(parts),
    train: pickImages(first, split.train),
    validation: pickImages(first, split.validation),
    test: firstImages(test, testImages),
  };
};

const partsOf = (images: ImageSource): readonly [Images, ...Images[]] =>
  'all' in images ? [images.all] : [images.train, images.test];

/** Returns the first `most` images. */
const firstImages = (images: Images, most: number): Images =>
  most >= images.count
    ? images
    : pickImages(
        images,
        Uint32Array.from({ length: most }, (_, i) => i),
      );

/** Returns the SHA-256 hash of the sizes, pixels and labels of images, in hexadecimal. */
export const imagesHash = (parts: readonly Images[]): string => {
  const hash = createHash('sha256');
  for (const { shape, pixels, labels } of parts) {
    hash.update(shape.join()).update(pixels);
    if (labels !== undefined) hash.update(labels);
  }
  return hash.digest('hex');
};
