// A worker for workers.test.ts, which builds the model of the spec in its `data`.
import { cpu } from '@impflow/backend-cpu';
import type { ClassifierSpec, FlowSpec } from '@impflow/flows';
import { serveWorker } from '@impflow/training';
import { buildImageModel } from '../src/model/image-learner.ts';

serveWorker(async ({ spec }: { readonly spec: FlowSpec | ClassifierSpec }) => {
  await cpu().start();
  return buildImageModel(spec);
});
