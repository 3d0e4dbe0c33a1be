// A Worker of data-parallel training. The initial weights of the model in the Worker do not matter, because the page
// sends weights with every step.
import { wasm } from '@impflow/backend-wasm';
import { serveWorker } from '@impflow/training';
import { learnable } from './model.ts';

await serveWorker(async () => {
  await wasm().start();
  return learnable(99);
});
