import { decoding } from './decoding.mjs';
// Worker of sampling.mjs: decodes its part of the rows.
import { flows, training, wasm } from './library.mjs';

/** @param {{ spec: import('@impflow/flows').FlowSpec; kernels: import('./library.mjs').KernelsOption }} data */
const build = async ({ spec, kernels }) => {
  await wasm({ kernels }).start();
  return decoding(flows.buildFlow(spec));
};
training.serveWorker(build);
