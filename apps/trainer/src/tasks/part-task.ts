import type { TaskHandler } from '@impflow/core';
import { loadedRuns } from './loaded-runs.ts';
import type { PoolSettings } from './process-messages.ts';
import { samplePart } from './sample-part.ts';
import { scorePart } from './score-part.ts';
import type { PartTask, ScoredPart, WrittenPart } from './task.ts';

/** Runs tasks in this process, with a backend that the first task starts. */
export const partTaskHandler = (settings: PoolSettings): TaskHandler<PartTask, ScoredPart | WrittenPart> => {
  const runOf = loadedRuns(settings);
  return async (task, { onProgress }) => {
    const run = await runOf(task);
    return task.kind === 'score' ? scorePart(run, task, onProgress) : samplePart(run, task, onProgress);
  };
};
