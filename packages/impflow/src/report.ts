import type { Evaluation } from './evaluate.ts';
import type { HeldOut } from './measure/held-out.ts';
import type { ColumnReport } from './table/column-report.ts';
import type { Gaps } from './table/gaps.ts';

/** A density that the flow is compared with on the test rows. */
export interface Rival extends HeldOut {
  /** Name of the density, such as "full-covariance Gaussian". */
  readonly name: string;
}

/** Bounds of the Lipschitz constants of nets. */
export interface LipschitzReport {
  /** Number of capped layers. */
  readonly layers: number;
  /** Largest operator norm of a capped layer. */
  readonly largestNorm: number;
  /** Largest ratio of a norm to its cap. */
  readonly largestRatio: number;
  /** Largest Lipschitz bound of the nets that are bounded by construction. Absent without such nets. */
  readonly bound?: number;
}

/**
 * Assumptions, attempts and choices of a training, and results of the model on test rows. The kinds of the columns and
 * the removal of copies were decided on all rows; test rows were used for no other choice. Plain JSON.
 */
export interface Report extends Evaluation {
  /** Kind of the final model, such as "implicit flow" or "Gaussian mixture". */
  readonly won: string;
  /** Simpler densities, evaluated on the same test rows. */
  readonly rivals: readonly Rival[];
  /** What each column is. */
  readonly columns: readonly ColumnReport[];
  /** Number of rows with gaps in each part. A gap in a condition counts only if training rows have none there. */
  readonly gaps: Gaps;
  /** Transformation of the columns before the flow. */
  readonly scaling: string;
  /** Base density of the flow. */
  readonly base: string;
  /** Steps taken. */
  readonly steps: number;
  /** Step after which the validation loss was lowest; the model has the weights of this step. */
  readonly bestStep: number;
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Number of target numbers. */
  readonly dim: number;
  /** Size of the context: the number of inputs that encode categories and conditions. */
  readonly context: number;
  /** Bounds of the Lipschitz constants of the nets. */
  readonly lipschitz: LipschitzReport;
  /** Factor by which the standard deviations of a fitted base were multiplied, chosen on the validation rows. */
  readonly spread?: number;
  /** Entropy of a sampler in nats: the smallest possible expected loss. */
  readonly entropy?: number;
  /** Threads that shared each step. */
  readonly workers: number;
  /** Backend that computed, and its set of kernels, such as `wasm (avx512)`. */
  readonly backend: string;
  /**
   * Seconds of wall time of the parts of the training. `training` contains all trainings, and `validation` is the part
   * of the last training that went into validations.
   */
  readonly time: Readonly<Record<'reading' | 'choices' | 'training' | 'validation' | 'evaluation' | 'total', number>>;
  /** Sentences on the rows and the choices. */
  readonly remarks: readonly string[];
}
