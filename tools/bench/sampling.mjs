// Our side of sampling: `node sampling.mjs --rows 10000 --weights FILE`, then serves: see serve.mjs.
import { parseArgs } from 'node:util';
import { core, flows, tf, training, wasm } from './library.mjs';
import { serve, warmUp } from './serve.mjs';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000' }, weights: { type: 'string' } } });
const rows = Number(values.rows);
const { fold, key } = core;

const { capabilities } = await wasm().start();
const checkpoint = await training.loadCheckpoint(values.weights);
const flow = flows.buildFlow(checkpoint.spec);
const of = checkpoint.training?.best === undefined ? '' : 'best.';
training.restoreVariables(flow.parameters, checkpoint.tensors, `${of}parameters`, values.weights);
training.restoreVariables(flow.buffers, checkpoint.tensors, `${of}buffers`, values.weights);

let draws = 0;
const draw = async () => {
  const samples = flow.sample(rows, { key: fold(key(3), draws++) });
  // A read: nothing is left undone.
  await samples.data();
  samples.dispose();
};

await serve({
  facts: { engine: `impflow, kernels ${capabilities.kernels}`, seconds: await warmUp(draw, 5) },
  repeat: draw,
  conclude: async () => tf.tidy(() => {
    const z = flow.base.sample(key(4), rows, 1);
    const steps = [];
    const x = flow.decode(z, { report: ({ stats }) => steps.push(stats.steps) });
    const gap = tf.abs(tf.sub(flow.encode(x), z));
    return { solverSteps: { inverse: steps.reduce((sum, n) => sum + n, 0) / steps.length }, roundTrip: { max: tf.max(gap).arraySync(), rms: tf.sqrt(tf.mean(tf.square(gap))).arraySync() } };
  }),
});
