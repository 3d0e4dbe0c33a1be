// What a worker of sampling.mjs runs: its share of the rows, through the flow.
import { flows, training, wasm } from './library.mjs';
import { decoding } from './decoding.mjs';

await training.serveWorker(async ({ spec }) => {
  await wasm().start();
  return decoding(flows.buildFlow(spec));
});
