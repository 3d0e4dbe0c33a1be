// Prints where the time of a training step goes, kernel by kernel:
// node tools/bench/profile.mjs [--preset toy|tabular] [--batch N] [--steps N] [--simd relaxed|simd|stock] [--json]
// One process, one worker. Kernel times exclude what tfjs does around a kernel; the last line has that.
import { parseArgs } from 'node:util';
import { job } from './jobs.mjs';
import { core, tf, training, wasm } from './library.mjs';

/** @import { SimdOption } from './library.mjs' */

const { getKernelsForBackend, memory, registerKernel, unregisterKernel } = tf;
const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'toy' },
    batch: { type: 'string', default: '500' },
    steps: { type: 'string', default: '20' },
    simd: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const steps = Number(options.steps);
await wasm({ simd: /** @type {SimdOption} */ (options.simd) }).start();
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
 * Calls and milliseconds, by kernel and by kernel with shapes.
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

if (options.json) {
  // Seconds per step, and the evaluations in all steps and blocks.
  const kernels = [...table]
    .filter(([name]) => !name.includes(' '))
    .map(([name, { calls, time }]) => ({ name, calls: calls / steps, seconds: time / steps / 1000 }));
  console.log(
    JSON.stringify({
      step: plain.sort((a, b) => a - b)[steps >> 1] / 1000,
      profiled: profiled / 1000,
      kernels,
      counts: { forward: forward / steps, products: products / steps, backward: backward / steps },
    }),
  );
  process.exit(0);
}
const sorted = [...table].sort(([, a], [, b]) => b.time - a.time);
/** @param {readonly (readonly [name: string, entry: Entry])[]} rows */
const print = (rows) =>
  rows.forEach(([name, { calls, time }]) =>
    console.log(
      `${(time / steps).toFixed(2).padStart(8)} ms ${(calls / steps).toFixed(1).padStart(8)} calls ${((time / calls) * 1000).toFixed(1).padStart(8)} us  ${name}`,
    ),
  );
const totals = sorted.filter(([name]) => !name.includes(' '));
print(totals.slice(0, 25));
console.log();
print(sorted.filter(([name]) => name.includes(' ')).slice(0, 30));
console.log('\nby number of calls');
print([...totals].sort(([, a], [, b]) => b.calls - a.calls).slice(0, 25));
console.log();
print(
  sorted
    .filter(([name]) => name.includes(' '))
    .sort(([, a], [, b]) => b.calls - a.calls)
    .slice(0, 40),
);
const inside = totals.reduce((sum, [, { time }]) => sum + time, 0) / steps;
const calls = totals.reduce((sum, [, { calls }]) => sum + calls, 0) / steps;
console.log(
  `\nstep: median ${plain.sort((a, b) => a - b)[steps >> 1].toFixed(1)} ms; under the profiler ` +
    `${profiled.toFixed(1)} ms: ${inside.toFixed(1)} in ${calls.toFixed(0)} kernel calls, ` +
    `${(profiled - inside).toFixed(1)} around them; ${memory().numTensors} tensors`,
);
