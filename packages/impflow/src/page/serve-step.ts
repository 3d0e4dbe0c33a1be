import { serveWorker } from '@impflow/training';
import { buildLearner } from '../table/learner.ts';
import { startHere } from './start-here.ts';
import type { StepWorkerData } from './step-workers.ts';

/** Runs in each worker of a training, and computes the worker's share of every step. */
export const serveStep = (): void =>
  serveWorker(async ({ spec, memory, files }: StepWorkerData) => {
    await startHere(files);
    return buildLearner(spec, { memory });
  });
