// Worker of training.mjs: computes the gradient for its part of the rows.
import { job } from './jobs.mjs';
import { training, wasm } from './library.mjs';

/**
 * @import { JobOptions } from './jobs.mjs'
 * @import { KernelsOption } from './library.mjs'
 */

/** @param {JobOptions & { often: boolean; kernels: KernelsOption }} data */
const build = async ({ often, kernels, ...data }) => {
  await wasm({ kernels, collectRarely: !often }).start();
  const { model, loss } = job(data);
  return { model, loss };
};
training.serveWorker(build);
