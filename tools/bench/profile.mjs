// Prints where the time of a training step goes, kernel by kernel:
// node tools/bench/profile.mjs [--preset toy|tabular|image] [--batch N] [--steps N] [--simd relaxed|simd|stock]
// [--kernels auto|wasm] [--json]
// The profile uses one process and one worker. Kernel times exclude the work of tfjs around a kernel, which the last
// line shows.
import { parseArgs } from 'node:util';
import { job } from './jobs.mjs';
import { core, tf, training, wasm } from './library.mjs';
import { median } from './statistics.mjs';

/** @import { KernelsOption, SimdOption } from './library.mjs' */

const { getKernelsForBackend, memory, registerKernel, unregisterKernel } = tf;
const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'toy' },
    batch: { type: 'string', default: '500' },
    steps: { type: 'string', default: '20' },
    simd: { type: 'string' },
    kernels: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
  },
});
const steps = Number(options.steps);
await wasm({
  simd: /** @type {SimdOption} */ (options.simd),
  kernels: /** @type {KernelsOption} */ (options.kernels),
}).start();
const { model, loss, batch, counts } = job({ preset: options.preset, batch: Number(options.batch) });
const loop = training.fit({
  model,
  loss,
  batch,
  key: core.key(2),
  steps: Number.MAX_SAFE_INTEGER,
  optimizer: training.adamW({ beta1: 0.9, beta2: 0.99, weightDecay: 1e-5 }),
  learningRate: 1e-3,
});
const step = () => loop.next();
for (let i = 0; i < 10; i++) await step();

Object.assign(counts, { forward: 0, products: 0, backward: 0 });
/** @type {number[]} */
const plain = [];
for (let i = 0; i < steps; i++) {
  const begin = performance.now();
  await step();
  plain.push(performance.now() - begin);
}

const { forward, products, backward } = counts;
/** @typedef {{ calls: number; time: number }} Entry */

/**
 * Numbers of calls and milliseconds, by kernel, and by kernel with the shapes of its inputs.
 *
 * @type {Map<string, Entry>}
 */
const table = new Map();
for (const kernel of getKernelsForBackend('wasm')) {
  unregisterKernel(kernel.kernelName, 'wasm');
  registerKernel({
    ...kernel,
    setupFunc: undefined,
    kernelFunc: (params) => {
      const begin = performance.now();
      const result = kernel.kernelFunc(params);
      const taken = performance.now() - begin;
      const shapes = Object.values(params.inputs)
        .flat()
        .map((input) => `[${input?.shape}]`)
        .join(' ');
      for (const key of [kernel.kernelName, `${kernel.kernelName} ${shapes}`]) {
        const entry = table.get(key) ?? { calls: 0, time: 0 };
        table.set(key, { calls: entry.calls + 1, time: entry.time + taken });
      }
      return result;
    },
  });
}
const begin = performance.now();
for (let i = 0; i < steps; i++) await step();
const profiled = (performance.now() - begin) / steps;

const sorted = [...table].sort(([, a], [, b]) => b.time - a.time);
const totals = sorted.filter(([name]) => !name.includes(' '));
const middle = median(plain);
if (options.json) {
  // Seconds per step, and net evaluations per step of all blocks.
  console.log(
    JSON.stringify({
      step: middle / 1000,
      profiled: profiled / 1000,
      kernels: totals.map(([name, { calls, time }]) => ({ name, calls: calls / steps, seconds: time / steps / 1000 })),
      counts: { forward: forward / steps, products: products / steps, backward: backward / steps },
    }),
  );
  process.exit(0);
}
for (const rows of [totals.slice(0, 25), sorted.filter(([name]) => name.includes(' ')).slice(0, 40)])
  for (const [name, { calls, time }] of rows)
    console.log(
      `${(time / steps).toFixed(2).padStart(8)} ms ${(calls / steps).toFixed(1).padStart(8)} calls ${((time / calls) * 1000).toFixed(1).padStart(8)} us  ${name}`,
    );
const inside = totals.reduce((sum, [, { time }]) => sum + time, 0) / steps;
console.log(
  `step: median ${middle.toFixed(1)} ms; under the profiler ${profiled.toFixed(1)} ms: ${inside.toFixed(1)} in kernels, ` +
    `${(profiled - inside).toFixed(1)} around them; ${memory().numTensors} tensors`,
);
