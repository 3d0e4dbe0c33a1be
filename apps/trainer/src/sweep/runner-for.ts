import { availableParallelism } from 'node:os';
import type { TaskRunner } from '@impflow/core';
import type { TrainResult, TrainTask } from '../tasks/train-task.ts';
import { localRunner } from './local-runner.ts';

/** Options of {@link runnerFor}. */
export interface RunnerOptions {
  /** Number of trials at a time. Default: one per core. */
  readonly workers?: number | undefined;
  /** Plugins that each trial loads. */
  readonly plugin: readonly string[];
}

/** What runs the trials of a sweep. */
export interface TrialRunner {
  readonly runner: TaskRunner<TrainTask, TrainResult>;
  /** Number of trials that run at a time. */
  readonly atOnce: number;
}

/** What runs the trials with these options: processes of this machine. */
export const runnerFor = ({ workers = availableParallelism(), plugin }: RunnerOptions): TrialRunner => ({
  runner: localRunner({ atOnce: workers, plugin }),
  atOnce: workers,
});
