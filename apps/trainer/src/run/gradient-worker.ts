import { buildFlow } from '@impflow/flows';
import { serveWorker } from '@impflow/training';
import { startBackend } from './backends.ts';
import { learnable } from './learnable.ts';
import { withPlugins } from './plugins.ts';
import type { WorkerData } from './workers.ts';

// The module of a worker thread: not to be imported.
serveWorker(async ({ spec, backend, plugin }: WorkerData) => {
  const registries = await withPlugins(plugin);
  await startBackend(backend);
  return learnable(buildFlow(spec, { registries }));
});
