import { FlowError } from '@impflow/core';
import type { Checkpoint } from '@impflow/training';
import { openImages, type ImageContents } from '@impflow/vision';
import { isClassifierSpec, isImagesSpec, methodSpec, readModel, strictRegistries } from 'impflow/run';
import type { ImagesRun } from '../images/images-run.ts';
import { withPluginHint } from '../plugins/plugin-hint.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { findRun, type RunPaths } from '../run-folder/folder.ts';
import { loadTable, type LoadedTable } from '../tables/loaded-table.ts';

/** A trained run on a table or on images. */
export type LoadedRun = LoadedTable | LoadedImages;

/** A trained run on images. */
interface LoadedImages extends ImagesRun {
  readonly kind: 'images';
  readonly contents: Partial<ImageContents>;
}

/** Options of {@link loadRun}. */
export interface LoadOptions {
  /** Estimator of the log-determinants. Default: the estimator of the model's evaluation. */
  readonly logdet?: string;
}

/**
 * Loads the model of a run, which may be a density of a table, a density of images or a classifier.
 *
 * @throws `input` or `checkpoint` if the model cannot be loaded, with the name of the file in the message; `option` if
 * the options name an estimator for a classifier.
 */
export const loadRun = async (
  run: string,
  registries: AllRegistries,
  { logdet }: LoadOptions = {},
): Promise<LoadedRun> => {
  const paths = await findRun(run);
  const { checkpoint } = await readModel(paths.checkpoint);
  const named = logdet === undefined ? undefined : methodSpec('logdet', logdet);
  if (named !== undefined) strictRegistries(registries, { logDet: named }).logDet.create(named);
  if (!isOfImages(checkpoint)) return loadTable(checkpoint, paths, registries, named);
  const model = withPluginHint(checkpoint, () => openImages(checkpoint, registries, paths.checkpoint, named));
  return { kind: 'images', paths, checkpoint, contents: model.contents, model };
};

/**
 * Loads the model of a run on a table.
 *
 * @throws the errors of {@link loadRun}; `option` for a run on images.
 */
export const loadTableRun = async (
  run: string,
  registries: AllRegistries,
  options: LoadOptions = {},
): Promise<LoadedTable> => {
  const loaded = await loadRun(run, registries, options);
  if (loaded.kind === 'table') return loaded;
  throw withoutRows(loaded.checkpoint, loaded.paths);
};

const isOfImages = ({ spec }: Pick<Checkpoint, 'spec'>): boolean => isImagesSpec(spec) || isClassifierSpec(spec);

/**
 * Checks that a run is a run on a table.
 *
 * @throws `option` for a run on images.
 */
export const assertTable = (checkpoint: Pick<Checkpoint, 'spec'>, paths: RunPaths): void => {
  if (isOfImages(checkpoint)) throw withoutRows(checkpoint, paths);
};

const withoutRows = ({ spec }: Pick<Checkpoint, 'spec'>, { folder }: RunPaths): FlowError =>
  new FlowError('option', 'cli', `${folder} is not a model of a table`, {
    expected: 'a run on a table',
    got: isClassifierSpec(spec) ? 'a classifier of images' : 'a density of images',
    hint: 'For this run, use evaluate, score or sample.',
  });
