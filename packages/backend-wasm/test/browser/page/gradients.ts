// A Worker of data-parallel training. The weights of its model do not matter, because the page sends its weights with
// every step.
import { wasm } from '@impflow/backend-wasm';
import { serveWorker } from '@impflow/training';
import { learnable } from './model.ts';

await serveWorker(async () => {
  await wasm().start();
  return learnable(99);
});
