import type { ClassifierSpec, FlowSpec, PluginSpec, Registries } from '@impflow/flows';
import type { NormAudit } from '@impflow/lipschitz';
import type { Checkpoint } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import { bytesOf } from 'impflow/run';
import type { ImageContents } from './checkpoint/contents.ts';
import { auditOfImages, parametersOf, restored } from './checkpoint/restored.ts';
import { sameImages } from './checkpoint/same-images.ts';
import { classifierOf, type ImageClassifier } from './classifier/classifier.ts';
import { numbered } from './classifier/labels.ts';
import { densityOf, type ImageDensity } from './density/density.ts';
import type { Images } from './images/images.ts';

/**
 * Description of a model of images, for people who inspect a checkpoint. It is plain JSON, except for numbers that JSON
 * cannot express.
 */
export interface ImagesAbout extends Pick<Partial<ImageContents>, 'options' | 'provenance'> {
  /** The spec of the model. */
  readonly spec: FlowSpec | ClassifierSpec;
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Steps taken. */
  readonly steps: number;
  /** Seed of the training. */
  readonly seed: number;
  /** Best validation. */
  readonly best?: object;
  /** Every capped layer with its norm. */
  readonly layers: readonly NormAudit[];
}

/** Fields that an opened density and an opened classifier share. */
interface Opened {
  /** Size of the images. */
  readonly shape: Images['shape'];
  /**
   * Contents of the checkpoint other than the model. An imported model, or a model from another program, may lack some
   * of these contents.
   */
  readonly contents: Partial<ImageContents>;
  /**
   * Reads the test images of the training again from their file or folder.
   *
   * @throws `option` for a model that does not name its training images; `input` if the images have changed.
   */
  testImages(): Promise<Images>;
  /** Describes the model. Takes some seconds, because it computes the norms of layers. */
  about(): ImagesAbout;
  /** Returns the bytes of the checkpoint. */
  toBytes(): Uint8Array;
  /** Frees the memory of the model. The model cannot be used afterwards. */
  dispose(): void;
}

/** A trained model of images. */
export type ImageModel = Opened & (ImageDensity | ImageClassifier);

/**
 * Opens the model of a checkpoint with its best weights, or with its last weights if it stores no best weights.
 *
 * @param source Name of the checkpoint in messages.
 * @param logdet Estimator of the log-determinants of a density. Default: the estimator of its spec.
 * @throws `checkpoint` for another kind of model, or for contents that do not fit; `registry` for a name that a plugin
 * must provide; `option` for an estimator with a classifier.
 */
export const openImages = (
  checkpoint: Checkpoint,
  registries: Registries,
  source: string,
  logdet?: PluginSpec,
): ImageModel => {
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
      // `spec` is the spec of the checkpoint, because the spec of the learner may have another estimator.
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
    toBytes: () => bytesOf(checkpoint),
    dispose: () => void dispose([...Object.values(model.parameters), ...Object.values(model.buffers)]),
  });
};

/** Returns the names of a classifier's classes, or numbers if its checkpoint does not name them. */
const classesOf = (
  { classes = [] }: Pick<Partial<ImageContents>, 'classes'>,
  spec: ClassifierSpec,
): readonly string[] => (classes.length === spec.classes ? classes : numbered(spec.classes));
