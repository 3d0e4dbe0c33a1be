import { rm } from 'node:fs/promises';
import { writeAtomically } from '@impflow/core';
import type { Classified } from '../../measure/classified.ts';
import { mistakesPlot, type Mistake } from '../../plots/mistakes.ts';
import type { RunPaths } from '../../run-folder/folder.ts';
import type { Labeled } from './labels.ts';

interface Judged {
  readonly test: Labeled;
  readonly found: Classified;
  readonly classes: readonly string[];
}

/**
 * Draws the misclassified images, the most confident mistakes first. Returns the paths of the files: none without
 * mistakes.
 */
export const writeMisclassified = async (
  { misclassified }: RunPaths,
  { test, found: { predicted, probabilities }, classes }: Judged,
): Promise<readonly string[]> => {
  const mistakes = Array.from(predicted, (guess, image): Mistake => ({
    image,
    truth: test.labels[image]!,
    guess,
    probability: probabilities[image * classes.length + guess]!,
  }))
    .filter(({ truth, guess }) => truth !== guess)
    .sort((a, b) => b.probability - a.probability);
  if (mistakes.length === 0) {
    await rm(misclassified, { force: true });
    return [];
  }
  await writeAtomically(misclassified, mistakesPlot({ images: test, mistakes, classes }));
  return [misclassified];
};
