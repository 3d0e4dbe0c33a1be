import { wasm } from '@impflow/backend-wasm';
import { serveWorker } from '@impflow/training';
import { buildLearner } from '../table/learner.ts';
import type { WorkerData } from './start-workers.ts';

// Module of a worker thread; do not import it.
serveWorker(async ({ spec, memory }: WorkerData) => {
  await wasm().start();
  return buildLearner(spec, { memory });
});
