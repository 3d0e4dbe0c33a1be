import { serveWorker } from '@impflow/training';
import { buildModel } from '../model/model.ts';
import { registriesWith } from '../plugins/registries.ts';
import { startBackend } from './backends.ts';
import type { WorkerData } from './workers.ts';

// Module of a worker thread; do not import it.
serveWorker(async ({ spec, memory, backend, plugin }: WorkerData) => {
  const registries = await registriesWith(plugin);
  await startBackend(backend, registries.backend);
  return buildModel(spec, { registries, memory });
});
