import type { Shape } from '@impflow/core';
import type { BuildOptions } from '@impflow/flows';
import type { DataParallel, TrainingState, Validation } from '@impflow/training';
import type { RunRecord } from '../checkpoint/record.ts';
import type { ModelSpec, RunModel } from '../model/model.ts';
import type { RunPaths } from '../run-folder/folder.ts';
import type { DataSize, Settings } from '../settings/settings.ts';
import type { Unit } from '../terminal/unit.ts';
import type { Answer } from './run-commands.ts';

/**
 * What training needs to know of a run before its model is built. Each kind of run makes its own plan. Nothing has been
 * written yet.
 */
export interface Plan {
  readonly spec: ModelSpec;
  readonly size: DataSize;
  /** Shape of one row of a batch. */
  readonly shape: Shape;
  /** The batch of each step, `[batch, ...shape]`: a pure function of the step. */
  readonly rowsOfStep: (step: number) => Float32Array;
  /** Remarks on the data for the user. */
  readonly remarks: readonly string[];
  /** Remark before the final evaluation, if that takes long. */
  readonly testRemark?: string;
  /** What the checkpoint stores about the data, for later commands on the run. */
  readonly record: Pick<RunRecord, 'columns' | 'dequantised' | 'offsets' | 'distinct' | 'classes'>;
  /** Unit in which losses are shown. */
  readonly unit: Unit;
  /** Builds the model. */
  build(options: BuildOptions): Trainee;
}

/** A model in training, and how it is evaluated. */
export interface Trainee {
  /** The model with its loss. What `fit` trains is its own field `model`: the flow or the classifier. */
  readonly model: RunModel;
  /** Held-out loss of the current weights. */
  validate(parallel?: DataParallel): Promise<Validated>;
  /** Changes the best weights once after the training, by the validation data. What it changes is kept. Default: nothing. */
  adjust?(): Promise<void>;
  /** Evaluates the current weights on the test data, and writes pictures and samples. */
  test(training: FinishedTraining): Promise<TestReport>;
}

/** Result of a validation, written to the metrics. */
export interface Validated extends Validation {
  /** Share of validation images that are classified correctly. Only for a classifier. */
  readonly accuracy?: number;
}

/** What the evaluation on the test data needs of the run. */
export interface FinishedTraining {
  readonly settings: Settings;
  readonly paths: RunPaths;
  readonly state: TrainingState;
  /** Seconds since the command began. */
  readonly elapsed: () => number;
  /** Workers that share the evaluation. Default: none. */
  readonly parallel?: DataParallel | undefined;
}

/** Result of the evaluation on the test data. */
export interface TestReport extends Answer {
  /** The 1001 quantiles of the log-densities of the test data. Absent for a classifier. */
  readonly quantiles?: readonly number[];
}
