// A Worker of data-parallel training. Its own weights do not matter: the weights of the page come with every step.
import { wasm } from '@impflow/backend-wasm';
import { serveWorker } from '@impflow/training';
import { learnable } from './model.ts';

await serveWorker(async () => {
  await wasm().start();
  return learnable(99);
});
