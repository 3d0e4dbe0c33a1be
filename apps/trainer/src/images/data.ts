import { FlowError } from '@impflow/core';
import { imagesHash, loadImages, type Images } from '@impflow/vision';
import { sourceKind } from '../dataset/source.ts';
import { note, type OutputOptions } from '../terminal/output.ts';
import type { ImagesRun } from './images-run.ts';

/** Returns the images to evaluate a model on: the test images of its run, or `data`. */
export const imagesFor = async (
  { model }: ImagesRun,
  { data, ...options }: OutputOptions & { readonly data?: string },
): Promise<Images> => {
  if (data === undefined) return model.testImages();
  const images = await imagesAt(data);
  const hash = model.contents.provenance?.hash;
  if (hash !== undefined && hash === imagesHash([images]))
    note(
      options,
      `${data} contains all images of the run, including its training images: leave --data out for the held-out ones.`,
    );
  return images;
};

/**
 * Returns the test images of a bundled data set, or all images at a path.
 *
 * @throws `input` for rows of numbers.
 */
export const imagesAt = async (data: string): Promise<Images> => {
  if ((await sourceKind(data)) === 'table')
    throw new FlowError('input', 'cli', `${data} does not fit the model`, {
      expected: 'images',
      got: 'a table',
      hint: 'Give images of the size of the training images.',
    });
  const loaded = await loadImages(data);
  return 'all' in loaded ? loaded.all : loaded.test;
};
