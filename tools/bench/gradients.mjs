// What a worker of training.mjs runs: the gradient of its share of the rows.
import { job } from './jobs.mjs';
import { training, wasm } from './library.mjs';

await training.serveWorker(async ({ often, ...data }) => {
  await wasm({ collectRarely: !often }).start();
  const { model, loss } = job(data);
  return { model, loss };
});
