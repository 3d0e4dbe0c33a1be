import type { Registries } from '@impflow/flows';
import type { DataParallel } from '@impflow/training';
import { dispose, tensor } from '@tensorflow/tfjs-core';
import {
  startingPoint,
  heldOut,
  trainToCheckpoint,
  type RunOptions,
  type Trained,
  type TrainingTask,
  type Validated,
} from 'impflow/run';
import type { ImageContents } from '../checkpoint/contents.ts';
import { classHeldOut, classified } from '../classifier/classified.ts';
import { labeled } from '../classifier/labels.ts';
import { imageEvents, noiseKey } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import { buildImageModel, type ImageLearner } from '../model/image-learner.ts';
import type { ImageSettings } from '../options/settings.ts';
import type { ImagePlan } from './plan.ts';

/** Options of {@link trainImages}. The workers share training steps and validations. */
interface TrainImagesOptions extends RunOptions {
  readonly settings: ImageSettings;
  /** Validation images, by whose loss the best step is chosen. */
  readonly validation: Images;
  readonly registries: Registries;
  /** Contents of the checkpoint, without the options. */
  readonly contents: Omit<ImageContents, 'options'>;
}

/** Trains the image model that a plan describes. Returns the checkpoint and the results of the training. */
export const trainImages = async (plan: ImagePlan, options: TrainImagesOptions): Promise<Trained<ImageSettings>> => {
  const { spec, shape, rowsOfStep } = plan;
  const { settings, validation, registries, resume, parallel } = options;
  const { learner, state: from } = startingPoint(
    settings,
    resume,
    (building) => buildImageModel(spec, { ...building, registries }),
    (learner, key) => learner.start(tensor(rowsOfStep(0), [...shape]), key),
  );
  const task: TrainingTask = {
    model: learner.model,
    loss: learner.loss,
    shape,
    rowsOfStep,
    validate: validateOnImages(learner, validation, { seed: settings.seed, parallel }),
    validateFirst: false,
    stopsEarly: true,
  };
  try {
    // `trainToCheckpoint` returns undefined only if its argument `finish` discards the training. The default `finish`
    // never discards a training.
    return (await trainToCheckpoint({ spec, settings, task, from }, options))!;
  } finally {
    dispose([...Object.values(learner.model.parameters), ...Object.values(learner.model.buffers)]);
  }
};

/** Options of {@link validateOnImages}. */
interface ValidateOptions {
  /** Seed of the training, on which the noise of the images depends. */
  readonly seed: number;
  /** Workers that share the computation of each block of images. Default: no workers. */
  readonly parallel?: DataParallel | undefined;
}

/**
 * Returns a function that computes the validation loss of the current weights: the mean of `-log p` for a density, or
 * the cross-entropy for a classifier.
 */
const validateOnImages = (
  learner: ImageLearner,
  images: Images,
  { seed, parallel }: ValidateOptions,
): (() => Promise<Validated>) => {
  if (learner.kind === 'density') {
    const events = imageEvents(images, noiseKey(seed, 'validation'));
    return async () => heldOut(await modelOutputs(learner, events, { parallel }));
  }
  const { labels } = labeled(images);
  const events = imageEvents(images);
  return async () => {
    const found = classified(await modelOutputs(learner, events, { parallel }), learner.spec.classes);
    const { crossEntropy, standardError, accuracy } = classHeldOut(found, labels);
    return { nats: crossEntropy, standardError, accuracy: accuracy.mean };
  };
};
