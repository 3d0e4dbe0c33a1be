import { FlowError } from '@impflow/core';
import type { Images } from '@impflow/data';

/** Images with a label each. */
export interface Labelled extends Images {
  readonly labels: Uint8Array;
}

/** @throws `input` for images without labels. */
export const labelled = (images: Images): Labelled => {
  if (images.labels !== undefined) return images as Labelled;
  throw new FlowError('input', 'cli', `No labels in ${images.source}`, {
    expected: 'a label for each image', got: 'none', hint: 'Put the images into a folder for each class, bring the file of the labels (labels-idx1-ubyte) beside that of the images, or leave --task classify out.',
  });
};

/** The names of the classes: those of the set, or numbers up to the largest label. */
export const classNames = (parts: readonly Labelled[]): readonly string[] => {
  const { classes } = parts[0]!;
  const largest = Math.max(...parts.map(({ labels }) => labels.reduce((most, label) => Math.max(most, label), 0)));
  if (classes === undefined) return Array.from({ length: largest + 1 }, (_, i) => String(i));
  if (largest < classes.length) return classes;
  throw new FlowError('input', 'cli', `A wrong label in ${parts[0]!.source}`, { expected: `below ${classes.length}, the number of names`, got: String(largest), hint: 'Check the labels.' });
};

/** @throws `input` where images have other classes than a model knows. Fewer will do where they are but numbers. */
export const assertClasses = ({ source, classes }: Images, found: readonly string[], known: readonly string[]): void => {
  if (found.length <= known.length && (classes === undefined || found.join() === known.join())) return;
  throw new FlowError('input', 'cli', `${source} has other classes than the model`, { expected: known.join(', '), got: found.join(', '), hint: 'Give images of the classes that it was trained on.' });
};
