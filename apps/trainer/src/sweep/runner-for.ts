import { availableParallelism } from 'node:os';
import type { TaskRunner } from '@impflow/core';
import { queueFor } from '../tasks/queue-module.ts';
import type { TrainResult, TrainTask } from '../tasks/train-task.ts';
import type { OutputOptions } from '../terminal/output.ts';
import { localRunner } from './local-runner.ts';

/** Options of {@link runnerFor}. */
export interface RunnerOptions extends OutputOptions {
  /** Number of trials at a time. Default: one per core; with a queue {@link QUEUED}. */
  readonly workers?: number | undefined;
  /** Address of a queue, whose workers train. Default: processes of this machine. */
  readonly queue?: string | undefined;
  /** Plugins that each trial loads. Workers of a queue have their own. */
  readonly plugin: readonly string[];
}

/** What runs the trials of a sweep. */
export interface TrialRunner {
  readonly runner: TaskRunner<TrainTask, TrainResult>;
  /** Number of trials that run at a time. */
  readonly atOnce: number;
}

/** Trials that are in a queue at a time, where nobody says how many workers there are. */
const QUEUED = 64;

/** What runs the trials with these options: processes of this machine, or the workers of a queue. */
export const runnerFor = async (options: RunnerOptions): Promise<TrialRunner> => {
  const { queue, workers, plugin } = options;
  if (queue !== undefined) return { runner: await queueFor(queue, options), atOnce: workers ?? QUEUED };
  const atOnce = workers ?? availableParallelism();
  return { runner: localRunner({ atOnce, plugin }), atOnce };
};
