import { FlowError } from '@impflow/core';
import type { Images } from '../images/images.ts';

/** Images with labels. */
export interface Labeled extends Images {
  /** Class of each image, from 0. */
  readonly labels: Uint8Array;
}

/**
 * Checks that images have labels, and returns them.
 *
 * @throws `input` for images without labels.
 */
export const labeled = (images: Images): Labeled => {
  if (images.labels !== undefined) return images as Labeled;
  throw new FlowError('input', 'vision/labels', `No labels in ${images.source}`, {
    expected: 'a label for each image',
    got: 'none',
    hint: 'Put the images into a folder for each class, put the file of the labels (labels-idx1-ubyte) beside the file of the images, or leave the option task out.',
  });
};

/**
 * Returns the names of the classes. If the classes have no names, their numbers from 0 to the largest label are
 * returned.
 *
 * @throws `input` for a label without a name.
 */
export const classNames = (parts: readonly Labeled[]): readonly string[] => {
  const { classes } = parts[0]!;
  const largest = Math.max(...parts.map(({ labels }) => labels.reduce((most, label) => Math.max(most, label), 0)));
  if (classes === undefined) return numbered(largest + 1);
  if (largest < classes.length) return classes;
  throw new FlowError('input', 'vision/labels', `A wrong label in ${parts[0]!.source}`, {
    expected: `below ${classes.length}, the number of names`,
    got: String(largest),
    hint: 'Check the labels.',
  });
};

/** Returns the numbers from 0 to `count - 1` as class names. */
export const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i));

/**
 * Checks that images have labels, and that their classes are the classes of the model. Returns the images. Images
 * without class names may have fewer classes than the model.
 *
 * @throws `input` if the images have no labels, or if their classes differ from the classes of the model.
 */
export const labeledFor = (images: Images, known: readonly string[]): Labeled => {
  const own = labeled(images);
  const found = classNames([own]);
  if (found.length <= known.length && (own.classes === undefined || found.join() === known.join())) return own;
  throw new FlowError('input', 'vision/labels', `${own.source} has other classes than the model`, {
    expected: known.join(', '),
    got: found.join(', '),
    hint: 'Give images of the classes that the model was trained on.',
  });
};
