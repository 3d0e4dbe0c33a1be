// Measures a training job with this library: `node training.mjs --preset toy --batch 500 --workers 1 [--kernels wasm]
// [--warmup 100] [--often] [--steps N --save FILE]`. With --save, the program trains N steps, writes a checkpoint and
// ends. Without --save, serve.mjs describes its input and output.
import { parseArgs } from 'node:util';
import { job } from './jobs.mjs';
import { core, training, wasm } from './library.mjs';
import { serve, warmUp } from './serve.mjs';
import { mean } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'toy' },
    batch: { type: 'string', default: '500' },
    workers: { type: 'string', default: '1' },
    often: { type: 'boolean', default: false },
    kernels: { type: 'string', default: 'auto' },
    warmup: { type: 'string', default: '100' },
    steps: { type: 'string' },
    save: { type: 'string' },
  },
});
const { preset, often } = values;
const kernels = /** @type {import('./library.mjs').KernelsOption} */ (values.kernels);
const [batch, workers, warm] = [values.batch, values.workers, values.warmup].map(Number);

const { capabilities } = await wasm({ kernels, collectRarely: !often }).start();
const { spec, model, counts, ...rest } = job({ preset, batch });
const parallel =
  workers === 1
    ? undefined
    : await training.dataParallel({
        workers,
        module: new URL('gradients.mjs', import.meta.url),
        data: { preset, batch, often, kernels },
      });
/** @type {import('@impflow/training').SolveSummaries[]} */
const tallies = [];
const loop = training.fit({
  model,
  ...rest,
  key: core.key(2),
  steps: values.save === undefined ? Number.MAX_SAFE_INTEGER : Number(values.steps),
  // Adam with the options of peer.py.
  optimizer: training.adamW({ beta1: 0.9, beta2: 0.99, weightDecay: 1e-5 }),
  learningRate: 1e-3,
  ...(parallel === undefined ? {} : { parallel }),
});
let loss = NaN;
const step = async () => {
  const { value, done } = await loop.next();
  if (done) return true;
  ({ loss } = value);
  tallies.push(value.solves ?? {});
  return false;
};

const zeros = { forward: 0, products: 0, backward: 0 };
if (values.save === undefined) {
  const seconds = await warmUp(step, warm, Infinity);
  Object.assign(counts, zeros);
  tallies.length = 0;
  await serve({
    facts: { engine: `impflow, kernels ${capabilities.kernels}`, seconds },
    repeat: step,
    conclude: async () => {
      await parallel?.close();
      return {
        loss,
        steps: tallies.length,
        counts: perBlock(counts),
        solverSteps: Object.fromEntries(
          /** @type {const} */ (['forward', 'adjoint']).map((phase) => [
            phase,
            mean(tallies.map((tally) => tally[phase]?.steps ?? 0)),
          ]),
        ),
        weights: weightsPerNet(),
      };
    },
  });
} else {
  while (!(await step()));
  // The norms of the weights are computed precisely before saving, so that all programs sample from exactly the model
  // in the file.
  model.refresh({ tolerance: 1e-6 });
  await training.saveCheckpoint(values.save, { spec, seed: 1, step: Number(values.steps), model });
  await parallel?.close();
  console.log(JSON.stringify({ loss, steps: Number(values.steps) }));
}

/**
 * Returns the counts of the whole run, per block and step.
 *
 * @param {typeof counts} all
 */
function perBlock({ uncounted, ...numbers }) {
  const blocks = spec.blocks.filter(({ kind }) => kind === 'implicit').length;
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, n / blocks / tallies.length])),
    ...(uncounted.length === 0 ? {} : { uncounted }),
  };
}

/** Returns the total number of weights of one net. */
function weightsPerNet() {
  const all = Object.entries(model.parameters).filter(
    ([name]) => name.startsWith('blocks.0.gx.') && name.endsWith('.weight'),
  );
  return all.reduce((sum, [, weight]) => sum + weight.size, 0);
}
