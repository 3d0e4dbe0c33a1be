// Runs in a worker of training.mjs: the gradient at its part of the rows.
import { job } from './jobs.mjs';
import { native, training, wasm } from './library.mjs';

/** @param {import('./jobs.mjs').JobOptions & { often: boolean; native: boolean }} data */
const build = async ({ often, native: onTensorflow, ...data }) => {
  await (onTensorflow ? native({ threads: 1 }) : wasm({ collectRarely: !often })).start();
  const { model, loss } = job(data);
  return { model, loss };
};
training.serveWorker(build);
