import { FlowError, type TaskRunner } from '@impflow/core';
import { trainTask, type TrainResult, type TrainTask } from '../tasks/train-task.ts';

/** Options of {@link localRunner}. */
export interface LocalRunnerOptions {
  /** Number of trainings at a time, each in a process of its own. */
  readonly atOnce: number;
  /** Plugins that each training loads. Default: none. */
  readonly plugin?: readonly string[];
}

/** Runs trainings on this machine. More than `atOnce` wait, and begin in the order of the calls. */
export const localRunner = ({ atOnce, plugin = [] }: LocalRunnerOptions): TaskRunner<TrainTask, TrainResult> => {
  const closing = new AbortController();
  const waiting: (() => void)[] = [];
  let free = atOnce;
  const active = new Set<Promise<unknown>>();
  const run: TaskRunner<TrainTask, TrainResult>['run'] = async (task, { signal, onProgress = () => {} } = {}) => {
    const ended = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      ended.throwIfAborted();
      const result = trainTask(task, { signal: ended, onProgress, plugin });
      active.add(result);
      return await result.finally(() => active.delete(result));
    } finally {
      // The place goes to who waits.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  return Object.freeze({
    run,
    close: async () => {
      closing.abort(new FlowError('worker', 'cli', 'The runner of the trials is closed'));
      await Promise.allSettled(active);
    },
  });
};
