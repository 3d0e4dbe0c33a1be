import type { Checkpoint } from '@impflow/training';
import type { ImageModel } from '@impflow/vision';
import type { RunPaths } from '../run-folder/folder.ts';

/** A trained model of images with its run folder. */
export interface ImagesRun<Model extends ImageModel = ImageModel> {
  readonly paths: RunPaths;
  readonly checkpoint: Checkpoint;
  readonly model: Model;
}

/** A run of a density of images. */
export type DensityRun = ImagesRun<Extract<ImageModel, { readonly kind: 'density' }>>;

/** A run of a classifier of images. */
export type ClassifierRun = ImagesRun<Extract<ImageModel, { readonly kind: 'classifier' }>>;
