import type { DataParallel } from '@impflow/training';
import type { SolveStatistics } from 'impflow';
import { solveStatistics } from 'impflow/run';
import { imageEvents } from '../images/events.ts';
import { finiteLogits } from '../measure/finite.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import type { ClassifierLearner } from '../model/image-learner.ts';
import { classHeldOut, classified, confusion, type ClassHeldOut } from './classified.ts';
import type { Labeled } from './labels.ts';

/** Results of a classifier on images that it was not trained on. The results are plain JSON. */
export interface ClassifierEvaluation {
  /** Origin of the images. */
  readonly source: string;
  /** Cross-entropy and accuracy. */
  readonly heldOut: ClassHeldOut;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Confusion matrix `[class][predicted class]`, in numbers of images. */
  readonly confusion: readonly (readonly number[])[];
  /** Statistics of the equation solves of implicit blocks, for each phase. */
  readonly solves: readonly SolveStatistics[];
  /** Seconds that the evaluation took. */
  readonly seconds: number;
}

/** Options of {@link evaluateClassifier}. */
interface EvaluateClassifierOptions {
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Workers that share the computation. Default: no workers. */
  readonly parallel?: DataParallel | undefined;
}

/**
 * Evaluates a classifier on images with labels.
 *
 * @throws `convergence` if a logit is not finite.
 */
export const evaluateClassifier = async (
  learner: ClassifierLearner,
  images: Labeled,
  { classes, parallel }: EvaluateClassifierOptions,
): Promise<ClassifierEvaluation> => {
  const started = performance.now();
  const solves = solveStatistics();
  const logits = await modelOutputs(learner, imageEvents(images), { parallel, report: solves.report });
  const found = classified(finiteLogits(logits, classes.length), classes.length);
  return {
    source: images.source,
    heldOut: classHeldOut(found, images.labels),
    classes,
    confusion: confusion(found, images.labels),
    solves: solves.summary(),
    seconds: (performance.now() - started) / 1000,
  };
};
