import type { Shape } from '@impflow/core';
import type { BuildOptions } from '@impflow/flows';
import type { DataParallel, TrainingState, Validation } from '@impflow/training';
import type { Unit } from '../measure/unit.ts';
import type { RunPaths } from '../run/folder.ts';
import type { RunRecord } from '../run/load.ts';
import type { ModelSpec, RunModel } from '../run/model.ts';
import type { DataSize, Settings } from '../run/settings.ts';

/** All that training does not know of a run, before its model is built: one for each kind of run. Nothing is written yet. */
export interface Plan {
  readonly spec: ModelSpec;
  readonly size: DataSize;
  /** Of a row of a batch. */
  readonly shape: Shape;
  /** The batch of each step, `[batch, ...shape]`: a pure function of the step. */
  readonly batch: (step: number) => Float32Array;
  /** What the caller should know of the data. */
  readonly remarks: readonly string[];
  /** What the end of the run is about to do, where it takes a while. */
  readonly judging?: string;
  /** What commands on the run will need to know of its data. */
  readonly record: Pick<RunRecord, 'columns' | 'dequantised' | 'offsets' | 'distinct' | 'classes'>;
  readonly unit: Unit;
  /** The model, and what is to be done with it. */
  build(options: BuildOptions): Job;
}

/** A model and how it is judged. */
export interface Job {
  readonly learned: RunModel;
  /** Held-out loss of the weights of this moment, and what else is worth a line. */
  validate(parallel?: DataParallel): Promise<Validated>;
  /** Figures on the test data, pictures and samples, of the weights of this moment. */
  conclude(outcome: Outcome): Promise<Conclusions>;
}

/** A validation; what it found besides goes into the metrics. */
export interface Validated extends Validation {
  readonly accuracy?: number;
}

/** A run at its end. */
export interface Outcome {
  readonly settings: Settings;
  readonly paths: RunPaths;
  readonly state: TrainingState;
  /** Seconds since the command began. */
  readonly elapsed: () => number;
  /** Workers that may share the work. */
  readonly parallel?: DataParallel | undefined;
}

export interface Conclusions {
  readonly json: object;
  readonly text: string;
  /** The 1001 quantiles of the test data's log-densities, where there are such. */
  readonly quantiles?: readonly number[];
}
