// Measures how far the true norms of convolutions exceed their caps during a training, for several methods that update
// the norms in each step.
import { core, flows, tf, training, wasm } from '../bench/library.mjs';
import { batchOf } from './digits.mjs';

const { key, release, scoped } = core;

const STEPS = 60;
const EVERY = 10;
const WAYS = [
  { name: 'power iteration, 1 step', refresh: { iterations: 1 } },
  { name: 'power iteration, 5 steps', refresh: { iterations: 5 } },
  { name: 'Lanczos, at most 4 steps', refresh: { tolerance: 1e-3, iterations: 4 } },
  { name: 'Lanczos, at most 8 steps', refresh: { tolerance: 1e-3, iterations: 8 } },
  { name: 'Lanczos to a residual of 1e-3 (the default)', refresh: { tolerance: 1e-3 } },
];

/**
 * Returns the norm `sigma` of a layer from its stored vectors: `<u, v * W>`.
 *
 * @param {import('@impflow/flows').NormalizingFlow} flow
 * @param {string} path
 */
const sigmaOf = ({ parameters, buffers }, path) =>
  scoped(() => {
    const weight = /** @type {import('@tensorflow/tfjs-core').Tensor4D} */ (parameters[`${path}.weight`]);
    const [u, v] = [buffers[`${path}.u`], buffers[`${path}.v`]];
    return tf.sum(tf.mul(tf.conv2d(tf.expandDims(v), weight, 1, 'same'), tf.expandDims(u))).dataSync()[0];
  });

/**
 * Returns a row for each method, with the largest ratio of a true norm to its cap at every tenth step.
 *
 * @param {(what: string) => void} say
 */
export const norms = async (say) => {
  await wasm().start();
  const coeff = 0.9;
  /** @type {{ name: string; ratios: readonly number[]; layers: number; secondsPerStep: number }[]} */
  const rows = [];
  for (const { name, refresh } of WAYS) {
    const flow = flows.buildFlow(
      flows.imagePreset({ shape: [28, 28, 1], blocks: 2, hidden: [32, 32], coeff, dense: { blocks: 0 } }),
      { key: key(1) },
    );
    const batch = batchOf(32);
    scoped(() => flow.initialize(batch(0, key(2))));
    const paths = Object.keys(flow.parameters)
      .filter((path) => path.endsWith('.weight') && flow.buffers[path.replace(/weight$/, 'u')]?.rank === 3)
      .map((path) => path.slice(0, -'.weight'.length));
    /** @type {number[]} */
    const ratios = [];
    let seconds = 0;
    const model = {
      ...flow,
      refresh: (/** @type {import('@impflow/core').RefreshOptions | undefined} */ options) => {
        const begin = performance.now();
        flow.refresh(options);
        seconds += (performance.now() - begin) / 1000;
      },
    };
    await training.fitToEnd(
      {
        model,
        batch,
        steps: STEPS,
        key: key(3),
        optimizer: training.adam(),
        learningRate: 1e-3,
        refresh,
        loss: (x, k, report) => tf.neg(tf.mean(flow.logProb(x, { train: true, key: k, report }))),
      },
      ({ step }) => {
        if (step % EVERY !== 0) return;
        const kept = Object.fromEntries(Object.entries(flow.buffers).map(([path, buffer]) => [path, buffer.clone()]));
        const seen = paths.map((path) => sigmaOf(flow, path));
        flow.refresh({ tolerance: 1e-5 });
        // The true norm of the capped weight is sigma / max(1, seen / c). The ratio is this norm divided by the cap c.
        ratios.push(Math.max(...paths.map((path, i) => sigmaOf(flow, path) / Math.max(1, seen[i] / coeff) / coeff)));
        for (const [path, buffer] of Object.entries(kept)) flow.buffers[path].assign(buffer);
        release(kept);
      },
    );
    rows.push({ name, ratios, layers: paths.length, secondsPerStep: seconds / STEPS });
    say(
      `${name}: at most ${Math.max(...ratios).toFixed(4)} times the cap, ${((1000 * seconds) / STEPS).toFixed(1)} ms a step`,
    );
    release({ ...flow.parameters, ...flow.buffers });
  }
  return { steps: STEPS, every: EVERY, coeff, rows };
};
