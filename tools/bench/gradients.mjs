// Runs in a worker of training.mjs: the gradient at its part of the rows.
import { job } from './jobs.mjs';
import { native as tensorflow, training, wasm } from './library.mjs';

await training.serveWorker(async ({ often, native, ...data }) => {
  await (native ? tensorflow({ threads: 1 }) : wasm({ collectRarely: !often })).start();
  const { model, loss } = job(data);
  return { model, loss };
});
