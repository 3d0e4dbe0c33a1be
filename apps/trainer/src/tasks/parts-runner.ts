import { availableParallelism } from 'node:os';
import type { TaskRunner } from '@impflow/core';
import type { ComputingOptions } from '../backends/backends.ts';
import type { PartsOptions } from '../kinds/run-commands.ts';
import { pluginSource } from '../plugins/registries.ts';
import { queueFor } from './queue-module.ts';
import { taskPool } from './task-pool.ts';
import type { PartTask, ScoredPart, WrittenPart } from './task.ts';

/** Runs the tasks of `parts` parts in processes of this machine, or through a queue. */
export const partsRunner = async (
  options: ComputingOptions & PartsOptions,
  parts: number,
): Promise<TaskRunner<PartTask, ScoredPart | WrittenPart>> => {
  const { queue, workers = 'auto', plugin = [], backend } = options;
  if (queue !== undefined) return queueFor(queue, options);
  const most = workers === 'auto' ? availableParallelism() : workers;
  return taskPool({
    processes: Math.max(1, Math.min(most, parts)),
    plugin: plugin.map(pluginSource),
    ...(backend === undefined ? {} : { backend }),
  });
};
