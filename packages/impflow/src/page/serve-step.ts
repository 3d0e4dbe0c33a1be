import { serveWorker } from '@impflow/training';
import { buildLearner } from '../table/learner.ts';
import { startHere } from './start-here.ts';
import type { StepWorkerData } from './step-workers.ts';

/** Serves the steps of a training, in one of several workers. */
export const serveStep = (): void =>
  serveWorker(async ({ spec, memory, files }: StepWorkerData) => {
    await startHere(files);
    return buildLearner(spec, { memory });
  });
