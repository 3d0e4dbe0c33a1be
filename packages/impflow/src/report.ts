import type { Validation } from '@impflow/training';
import type { Evaluation } from './evaluate.ts';
import type { HeldOut } from './measure/held-out.ts';
import type { ColumnReport } from './table/column-report.ts';
import type { Gaps } from './table/gaps.ts';

/** A simpler density with which the flow is compared on the test rows. */
export interface Rival extends HeldOut {
  /** Name of the density, such as "full-covariance Gaussian". */
  readonly name: string;
  /**
   * Lead of the model: by how many nats per row the loss of this density exceeds the loss of the model on the same rows,
   * with the standard error of this paired difference. Negative if this density is better. Rows whose solves failed are
   * left out.
   */
  readonly lead: HeldOut;
  /** Whether the training of the flow started from this density. */
  readonly isStart: boolean;
}

/** Bounds of the Lipschitz constants of nets. */
export interface LipschitzReport {
  /** Number of layers whose operator norm is capped. */
  readonly layers: number;
  /** Largest operator norm of a capped layer. */
  readonly largestNorm: number;
  /** Largest ratio of a norm to its cap. */
  readonly largestRatio: number;
  /**
   * Largest Lipschitz bound among the nets that are bounded by construction. Absent if the flow has no net of this
   * kind.
   */
  readonly bound?: number;
}

/**
 * Report on a training: assumptions, attempted and chosen options, and results of the model on test rows. The test rows
 * had an influence only on the kinds of the columns, the removal of copies, the remarks on far cells, and the time that
 * the training left for the evaluation. Plain JSON.
 */
export interface Report extends Evaluation {
  /**
   * Name of the model, such as "implicit flow", "implicit flow from a Gaussian mixture, 3 full components", or "Gaussian
   * mixture, 3 full components; the flow did not improve it".
   */
  readonly won: string;
  /**
   * Simpler densities, evaluated on the test rows for comparison: a Gaussian with the covariance of the training rows, a
   * regularized Gaussian if its loss differs, and a Gaussian mixture if it has more than one component. With conditions
   * or categories, they are densities of the residuals of a linear regression. If the training improved the mixture from
   * which it started, the list contains this mixture too.
   */
  readonly rivals: readonly Rival[];
  /** Kind and encoding of each column. */
  readonly columns: readonly ColumnReport[];
  /**
   * Numbers of training, validation and test rows with gaps (empty cells). A gap in a condition counts only if no
   * training row has a gap in this condition.
   */
  readonly gaps: Gaps;
  /** Scaling that is applied to the columns before the flow. */
  readonly scaling: string;
  /** Kind of the flow's blocks. */
  readonly model: string;
  /** Base density of the flow. */
  readonly base: string;
  /** Number of steps that the training made. */
  readonly steps: number;
  /** Step after which the validation loss was lowest. The model has the weights of this step. */
  readonly bestStep: number;
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Number of numeric target columns. */
  readonly dim: number;
  /** Size of the context: the number of inputs that encode categories and conditions. */
  readonly context: number;
  /** Bounds of the Lipschitz constants of the nets. */
  readonly lipschitz: LipschitzReport;
  /**
   * Factor by which the standard deviations of a fitted base were multiplied. The factor was chosen by the loss on the
   * validation rows.
   */
  readonly spread?: number;
  /**
   * Loss on the validation rows before the first step. Only if the training started from a fitted mixture: the loss is
   * the loss of this mixture. Absent after a resumed training that had not ended before.
   */
  readonly start?: Validation;
  /**
   * Number of steps of a first training, from another base, that was dropped because its result was not better than
   * the fitted mixture. The training in this report started from the mixture.
   */
  readonly droppedSteps?: number;
  /** Entropy in nats of the sampler that drew the rows: the smallest possible expected loss. */
  readonly entropy?: number;
  /** Number of threads that shared each step. */
  readonly workers: number;
  /** Name of the backend and its set of kernels, such as `wasm (avx512)`. */
  readonly backend: string;
  /**
   * Wall time of each stage in seconds. `training` is the time of all trainings. `validation` is the time of the
   * validations in the last training.
   */
  readonly time: Readonly<Record<'reading' | 'choices' | 'training' | 'validation' | 'evaluation' | 'total', number>>;
  /** Sentences for the user about the rows and the chosen options. */
  readonly remarks: readonly string[];
}
