import { FlowError } from '@impflow/core';
import type { Images } from '@impflow/vision';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import type { ClassifierModel } from '../../model/model.ts';

/** Images with labels. */
export interface Labeled extends Images {
  readonly labels: Uint8Array;
}

/**
 * The images with their labels.
 *
 * @throws `input` for images without labels.
 */
export const labeled = (images: Images): Labeled => {
  if (images.labels !== undefined) return images as Labeled;
  throw new FlowError('input', 'cli', `No labels in ${images.source}`, {
    expected: 'a label for each image',
    got: 'none',
    hint: 'Put the images into a folder for each class, bring the file of the labels (labels-idx1-ubyte) beside that of the images, or leave --task classify out.',
  });
};

/**
 * Names of the classes: those of the set, or the numbers up to the largest label.
 *
 * @throws `input` for a label beyond the names.
 */
export const classNames = (parts: readonly Labeled[]): readonly string[] => {
  const { classes } = parts[0]!;
  const largest = Math.max(...parts.map(({ labels }) => labels.reduce((most, label) => Math.max(most, label), 0)));
  if (classes === undefined) return Array.from({ length: largest + 1 }, (_, i) => String(i));
  if (largest < classes.length) return classes;
  throw new FlowError('input', 'cli', `A wrong label in ${parts[0]!.source}`, {
    expected: `below ${classes.length}, the number of names`,
    got: String(largest),
    hint: 'Check the labels.',
  });
};

/** @throws `input` if the images have other classes than the model. Images without class names may have fewer. */
export const assertClasses = (
  { source, classes }: Images,
  found: readonly string[],
  known: readonly string[],
): void => {
  if (found.length <= known.length && (classes === undefined || found.join() === known.join())) return;
  throw new FlowError('input', 'cli', `${source} has other classes than the model`, {
    expected: known.join(', '),
    got: found.join(', '),
    hint: 'Give images of the classes that it was trained on.',
  });
};

/** Names of a classifier's classes; numbers if its checkpoint does not name them. */
export const classNamesOf = ({
  record: { classes = [] },
  model: { classifier },
}: LoadedRun<ClassifierModel>): readonly string[] =>
  classes.length === classifier.classes ? classes : Array.from({ length: classifier.classes }, (_, i) => String(i));
