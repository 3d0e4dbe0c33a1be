import { assertBackend } from '@impflow/core';
import type { ClassifierSpec, FlowSpec, PluginSpec, Registries } from '@impflow/flows';
import type { NormAudit } from '@impflow/lipschitz';
import { checkpointBytes, type Checkpoint } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import type { ImageContents } from './checkpoint/contents.ts';
import { auditOfImages, parametersOf, restored } from './checkpoint/restored.ts';
import { sameImages } from './checkpoint/same-images.ts';
import { classifierOf, type ImageClassifier } from './classifier/classifier.ts';
import { numbered } from './classifier/labels.ts';
import { densityOf, type ImageDensity } from './density/density.ts';
import type { Images } from './images/images.ts';

/**
 * Description of an image model, for users who inspect a checkpoint. The description is plain JSON, except that some
 * numbers may be infinite or NaN.
 */
export interface ImagesAbout extends Pick<Partial<ImageContents>, 'options' | 'provenance'> {
  /** The spec of the model. */
  readonly spec: FlowSpec | ClassifierSpec;
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Number of steps that the training made. */
  readonly steps: number;
  /** Seed of the training. */
  readonly seed: number;
  /** Step and loss of the best validation, which is the validation with the lowest loss. */
  readonly best?: object;
  /** The layers whose operator norm is capped, with their norms. */
  readonly layers: readonly NormAudit[];
}

/** Fields that an opened density and an opened classifier share. */
interface Opened {
  /** Size of the images. */
  readonly shape: Images['shape'];
  /**
   * Contents of the checkpoint, without the model. Some fields may be undefined if the model was imported or comes from
   * a different program.
   */
  readonly contents: Partial<ImageContents>;
  /**
   * Reads the test images of the training again from the path of the training images.
   *
   * @throws `option` if the checkpoint does not store where the training images are; `input` if the images have
   * changed.
   */
  testImages(): Promise<Images>;
  /** Describes the model. The call takes some seconds, because it computes the norms of layers. */
  about(): ImagesAbout;
  /** Returns the bytes of the checkpoint file. */
  toBytes(): Uint8Array;
  /** Frees the memory of the model. The model cannot be used afterwards. */
  dispose(): void;
}

/** A trained model of images. */
export type ImageModel = Opened & (ImageDensity | ImageClassifier);

/**
 * Opens the image model of a checkpoint with the best weights, or with the last weights if the checkpoint stores no
 * best weights.
 *
 * @param source Name of the checkpoint, for messages.
 * @param logdet Estimator of the log-determinants of a density. Default: the estimator in the spec of the model.
 * @throws `checkpoint` for a model that is not an image model, or for contents that do not fit; `registry` for a name
 * that a plugin must provide; `option` if `logdet` is given for a classifier.
 */
export const openImages = (
  checkpoint: Checkpoint,
  registries: Registries,
  source: string,
  logdet?: PluginSpec,
): ImageModel => {
  assertBackend('vision/load');
  const { learner, contents } = restored(checkpoint, registries, source, logdet);
  const { model } = learner;
  const { seed, step, training } = checkpoint;
  const own =
    learner.kind === 'density'
      ? densityOf(learner, { seed, quantiles: contents.quantiles ?? [], heldOut: contents.provenance?.rows?.test })
      : classifierOf(learner, classesOf(contents, learner.spec));
  return Object.freeze<ImageModel>({
    ...own,
    shape: learner.spec.shape as unknown as Images['shape'],
    contents,
    testImages: async () => (await sameImages(contents, seed, source)).test,
    about: () => ({
      // `spec` is the spec of the checkpoint, because the spec of the learner may have a different estimator.
      spec: checkpoint.spec as ImagesAbout['spec'],
      ...(own.kind === 'classifier' ? { classes: own.classes } : {}),
      parameters: parametersOf(model.parameters),
      steps: step,
      seed,
      ...(training?.best === undefined ? {} : { best: training.best }),
      layers: auditOfImages(learner),
      ...(contents.options === undefined ? {} : { options: contents.options }),
      ...(contents.provenance === undefined ? {} : { provenance: contents.provenance }),
    }),
    toBytes: () => checkpointBytes(checkpoint),
    dispose: () => void dispose([...Object.values(model.parameters), ...Object.values(model.buffers)]),
  });
};

/** Returns the names of a classifier's classes, or their numbers if the checkpoint does not contain the names. */
const classesOf = (
  { classes = [] }: Pick<Partial<ImageContents>, 'classes'>,
  spec: ClassifierSpec,
): readonly string[] => (classes.length === spec.classes ? classes : numbered(spec.classes));
