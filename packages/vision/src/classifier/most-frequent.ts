import { wilson, type Share } from '../measure/wilson.ts';
import type { Labeled } from './labels.ts';

/** Test results of a prediction that does not depend on the image. */
export interface ClassRival {
  /** Name of the prediction. */
  readonly name: string;
  /** Mean of `-log p(label)`, in nats per image. */
  readonly crossEntropy: number;
  /** Proportion of images that are classified correctly. */
  readonly accuracy: Share;
}

/**
 * Returns the test results of a prediction that assigns every image to the largest training class. The probabilities of
 * the classes are their frequencies in the training images, with one added to each count (Laplace).
 */
export const mostFrequent = (train: Labeled, test: Labeled): ClassRival => {
  const counts = new Float64Array(256);
  for (const label of train.labels) counts[label]! += 1;
  const largest = counts.indexOf(Math.max(...counts));
  const hits = test.labels.reduce((sum, label) => sum + (label === largest ? 1 : 0), 0);
  const classes = counts.filter((count) => count > 0).length;
  const loss = (label: number): number => -Math.log((counts[label]! + 1) / (train.count + classes));
  return {
    name: 'most frequent class',
    crossEntropy: test.labels.reduce((sum, label) => sum + loss(label), 0) / test.count,
    accuracy: wilson(hits, test.count),
  };
};
