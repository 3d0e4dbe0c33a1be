import { serveWorker } from '@impflow/training';
import { startBackend } from '../adapters/backends.ts';
import { registriesWith } from '../plugins/registries.ts';
import { buildModel } from './build-model.ts';
import type { WorkerData } from './workers.ts';

// This is the main module of a worker thread; do not import it.
serveWorker(async ({ spec, memory, backend, plugin }: WorkerData) => {
  const registries = await registriesWith(plugin);
  await startBackend(backend, registries.backend);
  return buildModel(spec, { registries, memory });
});
