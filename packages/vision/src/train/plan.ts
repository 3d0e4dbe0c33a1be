import { FlowError, sizeOf, type Shape } from '@impflow/core';
import {
  implicitResNet,
  residualResNet,
  vanillaResNet,
  imagePreset,
  type ClassifierSpec,
  type FlowSpec,
} from '@impflow/flows';
import { runKey } from '@impflow/training';
import { assertAllowed, assertSpecSize, methodSpec, flowMethods } from 'impflow/run';
import { classNames, labeled } from '../classifier/labels.ts';
import type { ImageParts } from '../data/split-images.ts';
import { imageBatches } from '../images/augment.ts';
import type { ImageSettings } from '../options/settings.ts';

/** Plan of a training on images: the checked spec of the model, and the batches. */
export interface ImagePlan {
  /** The spec of the model. */
  readonly spec: FlowSpec | ClassifierSpec;
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
  /** Shape of a batch. */
  readonly shape: Shape;
  /** Returns the batch of a step. The batch depends only on the step. */
  readonly rowsOfStep: (step: number) => Float32Array;
}

type PlanSettings = Omit<ImageSettings, 'workers'>;

/**
 * Plans a training on images. A density is trained on gray levels with uniform noise, which is drawn anew at every
 * step. A classifier is trained on gray levels without noise. A row of a classifier's batch contains an image followed
 * by its label.
 *
 * @param spec The spec of a training that is resumed. Default: a spec that is built from the settings.
 * @throws `option` for a model that does not fit the images, or that is too large; `input` for a classifier of images
 * without labels, or of a single class.
 */
export const planImages = (parts: ImageParts, settings: PlanSettings, spec?: ImagePlan['spec']): ImagePlan => {
  const plan = settings.task === 'classify' ? planClassifier(parts, settings) : planDensity(parts, settings);
  if (spec !== undefined) return { ...plan, spec };
  assertAllowed(plan.spec);
  assertSpecSize(plan.spec);
  return plan;
};

const planDensity = (parts: ImageParts, settings: PlanSettings): ImagePlan => ({
  spec: densitySpec(parts, settings),
  shape: [settings.batch, ...parts.shape],
  rowsOfStep: batchesOf(parts, settings),
});

const planClassifier = (parts: ImageParts, settings: PlanSettings): ImagePlan => {
  const classes = classNames([labeled(parts.train), labeled(parts.validation), labeled(parts.test)]);
  if (classes.length < 2)
    throw new FlowError('input', 'vision/fit', `Too few classes in ${parts.source}`, {
      expected: 'images of two classes or more',
      got: classes.join() || 'none',
      hint: 'Add images of other classes.',
    });
  return {
    spec: classifierSpec(parts, classes.length, settings),
    classes,
    shape: [settings.batch, sizeOf(parts.shape) + 1],
    rowsOfStep: batchesOf(parts, settings),
  };
};

const batchesOf = ({ train }: ImageParts, { task, batch, seed, flip, crop }: PlanSettings): ImagePlan['rowsOfStep'] =>
  imageBatches(train, {
    size: batch,
    key: runKey(seed, 'batches'),
    ...(task === 'classify' ? { labels: true, noise: false } : {}),
    ...(flip === undefined ? {} : { flip }),
    ...(crop === undefined ? {} : { crop }),
  });

const PRESETS = { implicit: implicitResNet, residual: residualResNet, vanilla: vanillaResNet } as const;

/**
 * Returns the spec of a classifier of images. Models that only a density can have are already refused by
 * `checkImagesTogether`.
 */
const classifierSpec = (
  { shape }: Pick<ImageParts, 'shape'>,
  classes: number,
  { model, widths = [16, 16, 32, 32], coeff, activation, solver }: Omit<ImageSettings, 'workers'>,
): ClassifierSpec =>
  PRESETS[model as keyof typeof PRESETS]({
    shape,
    classes,
    widths,
    ...(coeff === undefined ? {} : { coeff }),
    ...(activation === undefined ? {} : { activation: methodSpec('activation', activation) }),
    ...(solver === undefined ? {} : { solver: methodSpec('solver', solver) }),
  });

/**
 * Returns the spec of a density of images.
 *
 * @throws `option` if the height and width of the images cannot be halved `scales` times.
 */
const densitySpec = (
  { shape, source }: Pick<ImageParts, 'shape' | 'source'>,
  settings: Omit<ImageSettings, 'workers'>,
): FlowSpec => {
  const { scales = 2, kernels, factorOut, denseBlocks, denseHidden } = settings;
  const most = Math.min(halvings(shape[0]), halvings(shape[1]));
  if (scales > most)
    throw new FlowError('option', 'vision/fit', `The images of ${source} cannot be halved ${scales} times`, {
      expected: `sides that 2^${scales} divides, one halving for each of the option scales`,
      got: `${shape[0]} x ${shape[1]}`,
      hint:
        most === 0
          ? 'Pad or cut the images to even sides.'
          : `Set the option scales to ${most}${most > 1 ? ' or less' : ''}, or pad the images.`,
    });
  return imagePreset({
    shape,
    scales,
    ...flowMethods(settings),
    ...(kernels === undefined ? {} : { kernels }),
    ...(factorOut === undefined ? {} : { factorOut }),
    dense: {
      ...(denseBlocks === undefined ? {} : { blocks: denseBlocks }),
      ...(denseHidden === undefined ? {} : { hidden: denseHidden }),
    },
  });
};

/** Returns the number of times that a side length can be halved. */
const halvings = (side: number): number => {
  let n = 0;
  while (side % 2 ** (n + 1) === 0) n++;
  return n;
};
