// Measures sampling with this library: `node sampling.mjs --rows 10000 --weights FILE --workers 2 [--kernels wasm]`.
// serve.mjs describes its input and output.
import { parseArgs } from 'node:util';
import { decoding } from './decoding.mjs';
import { core, flows, tf, training, wasm } from './library.mjs';
import { serve, warmUp } from './serve.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '1' },
    weights: { type: 'string' },
    kernels: { type: 'string', default: 'auto' },
  },
});
const [rows, workers] = [values.rows, values.workers].map(Number);
const { fold, key } = core;
const kernels = /** @type {import('./library.mjs').KernelsOption} */ (values.kernels);

const { capabilities } = await wasm({ kernels }).start();
if (values.weights === undefined) throw new Error('[bench/sampling] No --weights: expected the file of a checkpoint.');
const checkpoint = await training.loadCheckpoint(values.weights);
const flow = flows.buildFlow(/** @type {import('@impflow/flows').FlowSpec} */ (checkpoint.spec));
const of = checkpoint.training?.best === undefined ? '' : 'best.';
training.restoreVariables(flow.parameters, checkpoint.tensors, `${of}parameters`, values.weights);
training.restoreVariables(flow.buffers, checkpoint.tensors, `${of}buffers`, values.weights);
const parallel = await training.dataParallel({
  workers,
  module: new URL('decode.mjs', import.meta.url),
  data: { spec: checkpoint.spec, kernels },
});

let draws = 0;
const draw = async () => {
  const k = key(3 + draws++);
  const z = flow.base.sample(fold(k, 0), rows, 1);
  const samples = await parallel.map(decoding(flow), 'decode', z, fold(k, 1));
  tf.dispose([z, samples]);
};

await serve({
  facts: { engine: `impflow, kernels ${capabilities.kernels}`, seconds: await warmUp(draw, 40) },
  repeat: draw,
  conclude: async () => {
    await parallel.close();
    return tf.tidy(() => {
      const z = flow.base.sample(key(4), rows, 1);
      /** @type {number[]} */
      const steps = [];
      const x = flow.decode(z, { report: ({ stats }) => void steps.push(stats.steps) });
      const gap = tf.abs(tf.sub(flow.encode(x), z));
      return {
        solverSteps: { inverse: steps.reduce((sum, n) => sum + n, 0) / steps.length },
        roundTrip: { max: tf.max(gap).arraySync(), rms: tf.sqrt(tf.mean(tf.square(gap))).arraySync() },
      };
    });
  },
});
