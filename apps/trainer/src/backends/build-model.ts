import type { Key } from '@impflow/core';
import type { BuildOptions } from '@impflow/flows';
import type { Learnable, Mappable, Trainable } from '@impflow/training';
import { buildImageModel } from '@impflow/vision';
import type { Tensor } from '@tensorflow/tfjs-core';
import { buildLearner, isRecordsSpec, initializeLearner, type ModelSpec } from 'impflow/run';

/** A model with its loss, for use in the main thread or in a worker. */
interface BuiltModel extends Learnable, Partial<Mappable> {
  readonly model: Trainable;
  /** Shape of one row of a batch. Default: each row is a list of numbers. */
  readonly shape?: readonly number[];
  /** Initializes parameters that depend on the data, from the first batch. */
  initialize(batch: Tensor, key: Key): void;
}

/** Builds the model that a spec describes, with new parameters. */
export const buildModel = (spec: ModelSpec, options: BuildOptions = {}): BuiltModel => {
  if (isRecordsSpec(spec)) {
    const learner = buildLearner(spec, options);
    return { ...learner, initialize: (batch, key) => initializeLearner(learner, batch, key) };
  }
  const learner = buildImageModel(spec, options);
  return { ...learner, initialize: (batch, key) => learner.start(batch, key) };
};
