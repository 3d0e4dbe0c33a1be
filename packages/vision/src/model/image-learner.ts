import { FlowError, scoped, sizeOf, shown, type Key, type Shape } from '@impflow/core';
import {
  buildClassifier,
  buildFlow,
  crossEntropy,
  type BuildOptions,
  type Classifier,
  type ClassifierSpec,
  type FlowSpec,
  type NormalizingFlow,
} from '@impflow/flows';
import type { Learnable, Mappable, RowMap, Trainable } from '@impflow/training';
import { cast, mean, neg, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import { isClassifierSpec } from 'impflow/run';

/** An image model that is being trained, with its loss and its outputs. */
interface Learner extends Learnable, Mappable {
  /** The flow or the classifier that is trained. */
  readonly model: Trainable;
  /**
   * `outputs` computes the outputs for held-out images `[B, height, width, channels]`. The outputs of a density are
   * log-densities `[B]` of gray levels with noise. The outputs of a classifier are logits `[B, classes]` of gray levels
   * without noise.
   */
  readonly maps: { readonly outputs: RowMap };
  /** Shape of one row of a batch. */
  readonly shape: Shape;
  /**
   * Initializes the parameters that depend on the data, such as the parameters of act-norms, from the first batch.
   * Checks that the loss of the first batch is finite.
   *
   * @throws `option` if the model does not fit the data.
   */
  start(batch: Tensor, key: Key): void;
}

/** A density of images that is being trained. */
export interface DensityLearner extends Learner {
  /** Always `density`; distinguishes a density from a classifier. */
  readonly kind: 'density';
  /** The spec of the flow. */
  readonly spec: FlowSpec;
  /** The flow that is trained. */
  readonly flow: NormalizingFlow;
}

/** A classifier of images that is being trained. A row of a batch contains an image followed by its label. */
export interface ClassifierLearner extends Learner {
  /** Always `classifier`; distinguishes a classifier from a density. */
  readonly kind: 'classifier';
  /** The spec of the network. */
  readonly spec: ClassifierSpec;
  /** The network that is trained. */
  readonly classifier: Classifier;
}

/** An image model that is being trained: a density or a classifier. */
export type ImageLearner = DensityLearner | ClassifierLearner;

/**
 * Builds the image model that a spec describes, with new parameters. The main thread and the workers use this function.
 */
export const buildImageModel = (spec: FlowSpec | ClassifierSpec, options: BuildOptions = {}): ImageLearner =>
  isClassifierSpec(spec) ? classifierLearner(spec, options) : densityLearner(spec, options);

/** Builds a flow, whose loss is the mean of `-log p`. */
const densityLearner = (spec: FlowSpec, options: BuildOptions = {}): DensityLearner => {
  const flow = buildFlow(spec, options);
  return {
    kind: 'density',
    spec,
    flow,
    model: flow,
    shape: flow.shape,
    loss: (images, key, report) => neg(mean(flow.logProb(images, { train: true, key, report }))),
    maps: { outputs: (images, key, report) => flow.logProb(images, { key, report, verify: true }) },
    start: (batch, key) =>
      scoped(() => {
        flow.initialize(batch, { train: true });
        const densities = flow.logProb(batch, { train: true, key }).dataSync<'float32'>();
        const without = densities.reduce((count, density) => count + (Number.isFinite(density) ? 0 : 1), 0);
        if (without === 0) return;
        throw new FlowError('option', 'vision/fit', `The base density ${flow.base.name} does not fit the images`, {
          expected: 'a finite log-density of every image',
          got: `no finite value for ${without} of ${densities.length} images before training`,
          hint: 'Choose another base.',
        });
      }),
  };
};

/** Builds a classifier, whose loss is the mean cross-entropy. */
export const classifierLearner = (
  spec: ClassifierSpec,
  { memory: _memory, ...options }: BuildOptions = {},
): ClassifierLearner => {
  const classifier = buildClassifier(spec, options);
  const size = sizeOf(spec.shape);
  const loss: Learnable['loss'] = (rows, key, report) => {
    const count = rows.shape[0]!;
    const images = reshape(slice(rows, [0, 0], [count, size]), [count, ...spec.shape]);
    const labels = cast(reshape(slice(rows, [0, size], [count, 1]), [count]), 'int32');
    return crossEntropy(classifier.logits(images, { train: true, key, report }), labels);
  };
  return {
    kind: 'classifier',
    spec,
    classifier,
    model: classifier,
    shape: [size + 1],
    loss,
    maps: { outputs: (images, key, report) => classifier.logits(images, { key, report, verify: true }) },
    start: (batch, key) =>
      scoped(() => {
        const [first] = loss(batch, key, () => {}).dataSync<'float32'>();
        if (Number.isFinite(first)) return;
        throw new FlowError('option', 'vision/fit', 'The classifier does not fit the images', {
          expected: 'a finite loss before training',
          got: shown(first),
          hint: 'Lower the option coeff, or choose another activation.',
        });
      }),
  };
};
