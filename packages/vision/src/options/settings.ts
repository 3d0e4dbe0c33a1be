import { FlowError, shown, type PlainValuesOf } from '@impflow/core';
import { checkWarmup, resumableChoices, resumedSteps, stepsOf, type TrainingSettings } from 'impflow/run';
import { IMAGE_OPTIONS, type ImageChoices } from './options.ts';

/** The options of `ImageChoices`, where each method is given by its name as a string. */
export type PlainImageChoices = PlainValuesOf<typeof IMAGE_OPTIONS>;

/** What to train on images: a density or a classifier. */
export type ImageTask = (typeof IMAGE_OPTIONS.task.values)[number];

/** The options of a training on images, including all defaults. A checkpoint stores these options as plain JSON. */
export type ImageSettings = PlainImageChoices & TrainingSettings & { readonly task: ImageTask };

/** Properties of the images on which default settings depend. */
interface ImagesSize {
  /** Origin of the images, for messages. */
  readonly source: string;
  /** Number of training images. */
  readonly rows: number;
}

/** Default number of images per step. */
const BATCH = 64;
/** Default settings of a training with a time limit. */
const TIMED = { schedule: 'cosine', warmup: 20 } as const;

/** Returns the task that the options select. */
export const taskOf = ({ task, preset }: PlainImageChoices): ImageTask =>
  task ?? (preset === 'classifier' ? 'classify' : IMAGE_OPTIONS.task.default);

/**
 * Returns the settings of a new training.
 *
 * @throws `option` for options that do not fit the images, such as a batch that is larger than the number of images.
 */
export const completeImageSettings = (given: PlainImageChoices, size: ImagesSize): Omit<ImageSettings, 'workers'> => {
  const batch = given.batch ?? Math.min(BATCH, size.rows);
  if (batch > size.rows)
    throw new FlowError('option', 'vision/fit', 'The option batch is larger than the number of images', {
      expected: `at most ${size.rows} (the training images of ${size.source})`,
      got: shown(batch),
      hint: 'Lower the option batch.',
    });
  const steps = stepsOf(given, batch, size) ?? IMAGE_OPTIONS.steps.default;
  const isTimed = given.seconds !== undefined;
  if (!isTimed) checkWarmup(steps, given.warmup);
  const { epochs: _epochs, ...choices } = given;
  return {
    model: IMAGE_OPTIONS.model.default,
    lr: IMAGE_OPTIONS.lr.default,
    optimizer: IMAGE_OPTIONS.optimizer.default,
    schedule: isTimed ? TIMED.schedule : 'constant',
    warmup: isTimed ? TIMED.warmup : 0,
    validateEvery: IMAGE_OPTIONS.validateEvery.default,
    seed: IMAGE_OPTIONS.seed.default,
    ...choices,
    task: taskOf(given),
    batch,
    steps,
    horizon: steps,
  };
};

/**
 * Returns the settings of a resumed training. Options that may change in a resumed training have the given values. All
 * other options keep their earlier values.
 *
 * @param step Number of steps that the training has made.
 * @throws `option` if the training has already made more steps than the settings allow.
 */
export const resumedImageSettings = (
  given: ImageChoices,
  before: ImageSettings,
  size: ImagesSize & { readonly step: number },
): Omit<ImageSettings, 'workers'> => {
  const { epochs: _epochs, ...changed } = resumableChoices<typeof IMAGE_OPTIONS>(given, IMAGE_OPTIONS);
  return { ...before, ...changed, steps: resumedSteps('vision/fit', given, before, size) };
};
