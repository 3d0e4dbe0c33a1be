import type { Classified } from './classified.ts';

/** A misclassified image. */
export interface Mistake {
  /** Index of the image. */
  readonly image: number;
  /** The true class of the image. */
  readonly truth: number;
  /** The predicted class. */
  readonly guess: number;
  /** Probability of the predicted class. */
  readonly probability: number;
}

/** Returns the misclassified images. The mistakes with the highest probability come first. */
export const mistakesOf = ({ classes, predicted, probabilities }: Classified, labels: Uint8Array): readonly Mistake[] =>
  Array.from(predicted, (guess, image) => ({
    image,
    truth: labels[image]!,
    guess,
    probability: probabilities[image * classes + guess]!,
  }))
    .filter(({ truth, guess }) => truth !== guess)
    .sort((a, b) => b.probability - a.probability);
