import type { AuditSummary } from 'impflow/run';
import type { ClassifierEvaluation } from '../classifier/evaluate.ts';
import type { ClassRival } from '../classifier/most-frequent.ts';
import type { DensityEvaluation } from '../density/evaluate.ts';
import type { Images } from '../images/images.ts';
import type { ImageHeldOut } from '../measure/bits.ts';

/** Report on how an image model was trained. */
export interface TrainingReport {
  /** Kind of the blocks, such as "implicit". */
  readonly model: string;
  /** Number of steps that the training made. */
  readonly steps: number;
  /** Step after which the validation loss was lowest. The model has the weights of this step. */
  readonly bestStep: number;
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Shape of an image: `[height, width, channels]`. */
  readonly shape: Images['shape'];
  /**
   * Number of layers whose operator norm has a cap, the largest of their norms, and the largest ratio of a norm to its
   * cap.
   */
  readonly lipschitz: AuditSummary;
  /** Number of threads that shared each step. */
  readonly workers: number;
  /** Value of the option `memory` of the training. */
  readonly memory: 'keep' | 'budget';
  /** Name of the backend and its set of kernels, such as `wasm (avx512)`. */
  readonly backend: string;
  /** Wall time of each stage in seconds. */
  readonly time: Readonly<Record<'reading' | 'training' | 'evaluation' | 'total', number>>;
  /** Notes for the user about the images and the training, as sentences. */
  readonly remarks: readonly string[];
}

/** A simpler density with which the flow is compared on the test images. */
export interface ImageRival extends ImageHeldOut {
  /** Name of the density. */
  readonly name: string;
}

/**
 * Report on a density of images, as plain JSON. The report describes the training, and contains the results on the test
 * images. No choice of the training depends on the test images.
 */
export interface DensityReport extends DensityEvaluation, TrainingReport {
  /** Simpler densities, evaluated on the test images for comparison. */
  readonly rivals: readonly [ImageRival];
  /** Number of values in an image: height times width times channels. */
  readonly dim: number;
}

/**
 * Report on a classifier of images, as plain JSON. The report describes the training, and contains the results on the
 * test images. No choice of the training depends on the test images.
 */
export interface ClassifierReport extends ClassifierEvaluation, TrainingReport {
  /** Predictions that do not depend on the image, evaluated on the test images for comparison. */
  readonly rivals: readonly [ClassRival];
}
