import { rm } from 'node:fs/promises';
import { writeAtomically } from '@impflow/core';
import type { Images } from '@impflow/vision';
import type { ClassifierRun } from '../images/images-run.ts';

/**
 * Draws the misclassified images. The images with the highest probabilities of the wrong class come first. Returns the
 * paths of the files, or an empty list if there are no mistakes.
 *
 * @param images Images with labels.
 */
export const writeMisclassified = async (
  { paths: { misclassified }, model }: ClassifierRun,
  images: Images,
): Promise<readonly string[]> => {
  const mistakes = await model.mistakes(images);
  if (mistakes.length === 0) {
    await rm(misclassified, { force: true });
    return [];
  }
  const { mistakesPlot } = await import('@impflow/plots');
  await writeAtomically(misclassified, mistakesPlot({ images, mistakes, classes: model.classes }));
  return [misclassified];
};
