import { serveWorker } from '@impflow/training';
import { startBackend } from './backends.ts';
import { buildModel } from './model.ts';
import { withPlugins } from './plugins.ts';
import type { WorkerData } from './workers.ts';

// The module of a worker thread: not to be imported.
serveWorker(async ({ spec, memory, backend, plugin }: WorkerData) => {
  const registries = await withPlugins(plugin);
  await startBackend(backend, registries.backend);
  return buildModel(spec, { registries, memory });
});
