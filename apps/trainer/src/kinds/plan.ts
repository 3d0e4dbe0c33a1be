import type { Shape } from '@impflow/core';
import type { BuildOptions } from '@impflow/flows';
import type { DataParallel, TrainingState, Validation } from '@impflow/training';
import type { Unit } from '../measure/unit.ts';
import type { RunPaths } from '../run/folder.ts';
import type { ModelSpec, RunModel } from '../run/model.ts';
import type { RunRecord } from '../run/record.ts';
import type { DataSize, Settings } from '../run/settings.ts';

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
  readonly batch: (step: number) => Float32Array;
  /** Remarks on the data for the user. */
  readonly remarks: readonly string[];
  /** Remark before the final evaluation, if that takes long. */
  readonly judging?: string;
  /** What the checkpoint stores about the data, for later commands on the run. */
  readonly record: Pick<RunRecord, 'columns' | 'dequantised' | 'offsets' | 'distinct' | 'classes'>;
  /** Unit in which losses are shown. */
  readonly unit: Unit;
  /** Builds the model. */
  build(options: BuildOptions): Job;
}

/** A model and how it is judged. */
export interface Job {
  readonly learned: RunModel;
  /** Held-out loss of the current weights. */
  validate(parallel?: DataParallel): Promise<Validated>;
  /** Figures on the test data, pictures and samples of the current weights. */
  conclude(outcome: Outcome): Promise<Conclusions>;
}

/** Result of a validation, written to the metrics. */
export interface Validated extends Validation {
  /** Share of validation images that are classified correctly. Only for a classifier. */
  readonly accuracy?: number;
}

/** What the final evaluation of a run needs. */
export interface Outcome {
  readonly settings: Settings;
  readonly paths: RunPaths;
  readonly state: TrainingState;
  /** Seconds since the command began. */
  readonly elapsed: () => number;
  /** Workers that share the evaluation. Default: none. */
  readonly parallel?: DataParallel | undefined;
}

/** Result of the final evaluation. */
export interface Conclusions {
  readonly json: object;
  readonly text: string;
  /** The 1001 quantiles of the log-densities of the test data. Absent for a classifier. */
  readonly quantiles?: readonly number[];
}
