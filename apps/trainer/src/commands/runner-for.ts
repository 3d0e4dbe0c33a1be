import { availableParallelism } from 'node:os';
import type { TaskRunner } from '@impflow/core';
import { loadQueue, taskPool, type ResultOf, type Task } from '@impflow/jobs';
import type { ComputingOptions } from '../adapters/backends.ts';
import { note } from '../terminal/output.ts';
import { programModule } from './program-module.ts';
import { eventText } from './queue-events.ts';

/**
 * Returns the runner of tasks: processes of this machine, or the workers of a queue. The workers of a queue load their
 * own plugins and choose their own backends.
 */
export const runnerFor = async <T extends Task>(
  options: ComputingOptions & { readonly queue?: string; readonly workers?: number | 'auto' },
): Promise<TaskRunner<T, ResultOf<T>>> => {
  const { queue, workers = 'auto' } = options;
  if (queue === undefined)
    return taskPool({
      processes: workers === 'auto' ? availableParallelism() : workers,
      program: programModule(options),
    });
  const { queueRunner } = await loadQueue();
  return queueRunner<T, ResultOf<T>>({ url: queue, onEvent: (event) => note(options, eventText(event)!) });
};
