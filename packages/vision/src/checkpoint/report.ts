import type { AuditSummary } from 'impflow/run';
import type { ClassifierEvaluation } from '../classifier/evaluate.ts';
import type { ClassRival } from '../classifier/most-frequent.ts';
import type { DensityEvaluation } from '../density/evaluate.ts';
import type { Images } from '../images/images.ts';
import type { ImageHeldOut } from '../measure/bits.ts';

/** Record of a training on images. */
export interface TrainingReport {
  /** Kind of the blocks, such as "implicit". */
  readonly model: string;
  /** Steps taken. */
  readonly steps: number;
  /** Step after which the validation loss was lowest. The model has the weights of this step. */
  readonly bestStep: number;
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Shape of an image: `[height, width, channels]`. */
  readonly shape: Images['shape'];
  /** Number of capped layers, their largest operator norm, and the largest ratio of a norm to its cap. */
  readonly lipschitz: AuditSummary;
  /** Number of threads that computed each step together. */
  readonly workers: number;
  /** Value of the option `memory`. */
  readonly memory: 'keep' | 'budget';
  /** Backend that computed, and its set of kernels, such as `wasm (avx512)`. */
  readonly backend: string;
  /** Seconds of wall time of the parts of the training. */
  readonly time: Readonly<Record<'reading' | 'training' | 'evaluation' | 'total', number>>;
  /** Sentences about the images and the training. */
  readonly remarks: readonly string[];
}

/** A density that the flow is compared with on the test images. */
export interface ImageRival extends ImageHeldOut {
  /** Name of the density. */
  readonly name: string;
}

/**
 * Describes how a density of images was trained, and its results on images that were not used for any choice. Plain
 * JSON.
 */
export interface DensityReport extends DensityEvaluation, TrainingReport {
  /** Simpler densities, evaluated on the same images. */
  readonly rivals: readonly [ImageRival];
  /** Numbers of an image. */
  readonly dim: number;
}

/** Describes how a classifier was trained, and its results on images that were not used for any choice. Plain JSON. */
export interface ClassifierReport extends ClassifierEvaluation, TrainingReport {
  /** Simpler predictions for the same images. */
  readonly rivals: readonly [ClassRival];
}
