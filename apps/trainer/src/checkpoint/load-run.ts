import type { RefreshOptions } from '@impflow/core';
import type { FlowSpec } from '@impflow/flows';
import { assertFiniteWeights, restoreBest, type Checkpoint } from '@impflow/training';
import { withEstimator } from '../model/evaluation-estimator.ts';
import { buildModel, type RunModel } from '../model/model.ts';
import { pluginSpec } from '../plugins/plugin-spec.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { strictRegistries } from '../plugins/strict-registries.ts';
import { findRun, type RunPaths } from '../run-folder/folder.ts';
import { buildingFrom } from './building-from.ts';
import { readCheckpoint } from './read-checkpoint.ts';
import type { RunRecord } from './record.ts';

/** Tolerance of the Lipschitz caps for figures that are reported. */
export const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/** A trained model with its record. */
export interface LoadedRun<Model extends RunModel = RunModel> {
  readonly paths: RunPaths;
  readonly checkpoint: Checkpoint;
  readonly record: RunRecord;
  /**
   * The model with the best weights of the run, or the last if there are none. If it was loaded for log-densities, its
   * spec has the estimator of {@link withEstimator}, which need not be that of the checkpoint.
   */
  readonly model: Model;
  readonly registries: AllRegistries;
}

/** Options of {@link loadRun}. */
export interface LoadOptions {
  /** Whether the model is loaded to compute log-densities: see {@link withEstimator}. Default false. */
  readonly forLogDensities?: boolean;
  /** Estimator of their log-determinants. Default: see {@link withEstimator}. */
  readonly logdet?: string;
}

/**
 * Loads the model and the record of a run.
 *
 * @throws `input` and `checkpoint`, with the name of the file; `option` for an estimator with a classifier.
 */
export const loadRun = async (
  run: string,
  registries: AllRegistries,
  { logdet, forLogDensities = false }: LoadOptions = {},
): Promise<LoadedRun> => {
  const paths = await findRun(run);
  const { checkpoint, record, spec: own } = await readCheckpoint(paths.checkpoint);
  const spec = forLogDensities ? withEstimator(own, logdet) : own;
  // Outside of `buildingFrom`, which treats an unknown name as one of a missing plugin of the run.
  if (logdet !== undefined)
    strictRegistries(registries, { logDet: pluginSpec('--logdet', logdet) }).logDet.create(
      pluginSpec('--logdet', logdet),
    );
  const model = buildingFrom(checkpoint, paths.checkpoint, () => buildModel(spec, { registries }));
  const { model: trainable } = model;
  restoreBest(trainable, checkpoint, paths.checkpoint);
  assertFiniteWeights(checkpoint, paths.checkpoint);
  // An imported model keeps its published weights, even if norms exceed its caps: `inspect` shows them.
  if (record.data !== undefined) trainable.refresh(TIGHT);
  return { paths, checkpoint, model, record, registries };
};

/** Standard deviations of the training rows, from the model's own standardization; ones if it has none. */
export const trainingScales = ({ blocks, dim }: FlowSpec): readonly number[] =>
  blocks.flatMap((block) => (block.kind === 'standardise' ? [block.scale] : []))[0] ??
  Array.from({ length: dim }, () => 1);
