import { FlowError } from '@impflow/core';
import { runKey } from '@impflow/training';
import { loadImages } from '../data/load-images.ts';
import { splitImages, type ImageParts } from '../data/split-images.ts';
import type { ImageContents } from './contents.ts';

/**
 * Reads the images of an earlier training again, and splits them as the earlier training did.
 *
 * @param source Name of the checkpoint, for messages.
 * @throws `option` if the checkpoint does not store where the training images are; `input` if the images have changed,
 * because the model may then have been trained on some of the new test images.
 */
export const sameImages = async (
  { data, options, provenance }: Partial<ImageContents>,
  seed: number,
  source: string,
): Promise<ImageParts> => {
  if (data === undefined)
    throw new FlowError('option', 'vision/evaluate', `${source} does not store where its training images are`, {
      expected: 'images to evaluate on',
      got: 'none',
      hint: 'Pass images to evaluate.',
    });
  const parts = splitImages(await loadImages(data.data), {
    key: runKey(seed, 'data'),
    testImages: options?.testImages,
  });
  assertSame(parts, provenance, source);
  return parts;
};

/**
 * Checks that the hash of images is the hash that the checkpoint of an earlier training stores.
 *
 * @throws `input` if the two hashes differ.
 */
export const assertSame = (
  parts: Pick<ImageParts, 'hash' | 'source'>,
  provenance: Partial<ImageContents['provenance']> | undefined,
  source: string,
): void => {
  const hash = provenance?.hash;
  if (hash === undefined || hash === parts.hash) return;
  throw new FlowError(
    'input',
    'vision/evaluate',
    `${parts.source} differs from the images that ${source} was trained on`,
    {
      expected: `images with SHA-256 ${hash.slice(0, 12)}`,
      got: parts.hash.slice(0, 12),
      hint: 'Restore the images, or train a new model.',
    },
  );
};
