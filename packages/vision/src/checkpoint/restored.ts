import { FlowError, type NamedVariables } from '@impflow/core';
import type { ClassifierSpec, FlowSpec, PluginSpec, Registries } from '@impflow/flows';
import { auditNorms, type NormAudit } from '@impflow/lipschitz';
import { forEvaluation } from '@impflow/tables';
import { assertFiniteWeights, restoreBest, type Checkpoint } from '@impflow/training';
import {
  auditOf,
  building,
  checkedCheckpoint,
  isClassifierSpec,
  isImagesSpec,
  strictRegistries,
  TIGHT,
} from 'impflow/run';
import { buildImageModel, type ImageLearner } from '../model/image-learner.ts';
import { IMAGE_CONTENTS, type ImageContents } from './contents.ts';

/** A model that was built from a checkpoint, and all other contents of the checkpoint. */
interface RestoredImages {
  readonly learner: ImageLearner;
  readonly contents: Partial<ImageContents>;
}

/**
 * Builds the model of a checkpoint with its best weights.
 *
 * @throws the errors of `openImages`.
 */
export const restored = (
  checkpoint: Checkpoint,
  registries: Registries,
  source: string,
  logdet?: PluginSpec,
): RestoredImages => {
  const spec = specFor(checkpoint.spec, source, logdet);
  checkedCheckpoint(checkpoint, source, IMAGE_CONTENTS);
  const contents = (checkpoint.extra ?? {}) as Partial<ImageContents>;
  // The estimator is created here, so that an error about an unknown name refers to the option and not to the
  // checkpoint.
  if (logdet !== undefined) strictRegistries(registries, { logDet: logdet }).logDet.create(logdet);
  const learner = building(source, () => buildImageModel(spec, { registries }));
  restoreBest(learner.model, checkpoint, source);
  assertFiniteWeights(checkpoint, source);
  // An imported model keeps its published weights, even if the norms of its layers exceed their caps.
  if (contents.options !== undefined) learner.model.refresh(TIGHT);
  return { learner, contents };
};

const specFor = (spec: unknown, source: string, logdet: PluginSpec | undefined): FlowSpec | ClassifierSpec => {
  if (isClassifierSpec(spec)) {
    if (logdet === undefined) return spec;
    throw new FlowError('option', 'vision/openImages', 'The option logdet does not apply to a classifier', {
      expected: 'a density',
      got: source,
      hint: 'Leave it out.',
    });
  }
  if (isImagesSpec(spec)) return logdet === undefined ? spec : forEvaluation(spec, logdet);
  throw new FlowError('checkpoint', 'vision/openImages', `${source} is a model of another kind`, {
    expected: 'a density or a classifier of images',
    got: 'another spec',
    hint: 'Open a density of rows with load of impflow.',
  });
};

/** Returns the operator norm, or an upper bound of the norm, of every layer whose norm is capped. */
export const auditOfImages = (learner: ImageLearner): readonly NormAudit[] =>
  learner.kind === 'density'
    ? auditOf(learner.flow, learner.spec)
    : auditNorms(learner.classifier, { coeff: learner.spec.coeff ?? 0.9 });

/** Returns the number of learned parameters. */
export const parametersOf = (parameters: NamedVariables): number =>
  Object.values(parameters).reduce((sum, { size }) => sum + size, 0);
