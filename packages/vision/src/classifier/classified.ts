import { wilson, type Share } from '../measure/wilson.ts';

/** Predictions of a classifier for several images. */
export interface Classified {
  /** Number of classes. */
  readonly classes: number;
  /** Probabilities `[images, classes]`. Each row sums to 1. */
  readonly probabilities: Float64Array;
  /** Most probable class of each image, `[images]`. */
  readonly predicted: Uint8Array;
}

/** Computes predictions from logits `[images, classes]`, in float64. */
export const classified = (logits: Float32Array, classes: number): Classified => {
  const probabilities = Float64Array.from(logits);
  const predicted = new Uint8Array(logits.length / classes);
  for (let i = 0; i < predicted.length; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    predicted[i] = row.indexOf(Math.max(...row));
    const largest = row[predicted[i]!]!;
    const raised = row.map((logit) => Math.exp(logit - largest));
    const total = raised.reduce((sum, value) => sum + value, 0);
    row.set(raised.map((value) => value / total));
  }
  return { classes, probabilities, predicted };
};

/** Results of a classifier on held-out images. */
export interface ClassHeldOut {
  /** Mean of `-log p(label)`, in nats per image. */
  readonly crossEntropy: number;
  /** Standard error of `crossEntropy`. */
  readonly standardError: number;
  /** Proportion of images that are classified correctly. */
  readonly accuracy: Share;
  /** Number of images. */
  readonly rows: number;
}

/**
 * The smallest positive float64. A probability of 0 is replaced by this number, so that the loss of an image is at most
 * 745 nats.
 */
const TINY = Number.MIN_VALUE;

/** Computes the cross-entropy and the accuracy of predictions, given the labels. */
export const classHeldOut = ({ classes, probabilities, predicted }: Classified, labels: Uint8Array): ClassHeldOut => {
  const rows = labels.length;
  const losses = Float64Array.from(
    labels,
    (label, i) => -Math.log(Math.max(TINY, probabilities[i * classes + label]!)),
  );
  const crossEntropy = losses.reduce((sum, loss) => sum + loss, 0) / rows;
  const squares = losses.reduce((sum, loss) => sum + (loss - crossEntropy) ** 2, 0);
  return {
    crossEntropy,
    standardError: Math.sqrt(squares / Math.max(1, rows - 1) / rows),
    accuracy: wilson(
      predicted.reduce((sum, guess, i) => sum + (guess === labels[i] ? 1 : 0), 0),
      rows,
    ),
    rows,
  };
};

/** Returns the confusion matrix `[class, predicted class]`, whose entries are numbers of images. */
export const confusion = ({ classes, predicted }: Classified, labels: Uint8Array): readonly (readonly number[])[] => {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  labels.forEach((label, i) => {
    counts[label]![predicted[i]!]! += 1;
  });
  return counts;
};
