import type { ClassifierSpec } from '@impflow/flows';
import { assertShape } from '../images/assert-shape.ts';
import { imageEvents } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { finiteLogits } from '../measure/finite.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import type { ClassifierLearner } from '../model/image-learner.ts';
import { classHeldOut, classified, type ClassHeldOut, type Classified } from './classified.ts';
import { evaluateClassifier, type ClassifierEvaluation } from './evaluate.ts';
import { labeledFor } from './labels.ts';
import { mistakesOf, type Mistake } from './mistakes.ts';

/** Scores of images by a classifier. */
export interface ClassifierScores extends Classified {
  /**
   * Cross-entropy and accuracy. Undefined if the images have no labels, or if their classes differ from the classes of
   * the model.
   */
  readonly heldOut?: ClassHeldOut;
}

/**
 * The functions of a trained classifier. The functions throw an `input` error if the size of the images differs from
 * the size that the classifier was trained on.
 */
export interface ImageClassifier {
  /** Always `classifier`; distinguishes a classifier from a density. */
  readonly kind: 'classifier';
  /** The spec of the network. */
  readonly spec: ClassifierSpec;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /**
   * Measures cross-entropy and accuracy on images that the classifier was not trained on.
   *
   * @throws `input` if the images have no labels, or if their classes differ from the classes of the model;
   * `convergence` if a logit is not finite.
   */
  evaluate(images: Images): Promise<ClassifierEvaluation>;
  /**
   * Returns the class probabilities of images.
   *
   * @throws `convergence` if a logit is not finite.
   */
  score(images: Images): Promise<ClassifierScores>;
  /**
   * Returns the images that the classifier assigns to a wrong class. The mistakes with the highest probability come
   * first.
   *
   * @throws the errors of `evaluate`.
   */
  mistakes(images: Images): Promise<readonly Mistake[]>;
}

/** Returns the functions of a classifier with its best weights. */
export const classifierOf = (learner: ClassifierLearner, classes: readonly string[]): ImageClassifier => {
  const { spec } = learner;
  const shape = spec.shape as Images['shape'];
  const predictions = async (images: Images): Promise<Classified> => {
    assertShape(images, shape);
    return classified(finiteLogits(await modelOutputs(learner, imageEvents(images)), classes.length), classes.length);
  };
  return {
    kind: 'classifier',
    spec,
    classes,
    evaluate: async (images) => {
      assertShape(images, shape);
      return evaluateClassifier(learner, labeledFor(images, classes), { classes });
    },
    score: async (images) => {
      const found = await predictions(images);
      // If the classes of the images differ from the classes of the model, the labels cannot be compared with the
      // predictions.
      const isKnown = images.labels !== undefined && images.classes?.join() === classes.join();
      return { ...found, ...(isKnown ? { heldOut: classHeldOut(found, images.labels!) } : {}) };
    },
    mistakes: async (images) => {
      const { labels } = labeledFor(images, classes);
      return mistakesOf(await predictions(images), labels);
    },
  };
};
