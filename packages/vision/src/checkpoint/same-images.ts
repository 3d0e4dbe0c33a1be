import { FlowError } from '@impflow/core';
import { runKey } from '@impflow/training';
import { loadImages } from '../data/load-images.ts';
import { splitImages, type ImageParts } from '../data/split-images.ts';
import type { ImageContents } from './contents.ts';

/**
 * Reads the images of a training again from their file or folder, and splits them into the same parts.
 *
 * @param source Name of the checkpoint in messages.
 * @throws `option` for a model that does not name its training images; `input` if the images have changed, because the
 * model may have been trained on some of the test images.
 */
export const sameImages = async (
  { data, options, provenance }: Partial<ImageContents>,
  seed: number,
  source: string,
): Promise<ImageParts> => {
  if (data === undefined)
    throw new FlowError('option', 'vision/evaluate', `${source} does not name its training images`, {
      expected: 'images to evaluate on',
      got: 'none',
      hint: 'Give images.',
    });
  const parts = splitImages(await loadImages(data.data), {
    key: runKey(seed, 'data'),
    testImages: options?.testImages,
  });
  assertSame(parts, provenance, source);
  return parts;
};

/** @throws `input` if the parts are not the images of the training. */
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
      hint: 'Restore them, or train a new model.',
    },
  );
};
