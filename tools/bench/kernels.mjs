// Compares the speed of a kernel with the operation of TensorFlow.js and of jax-js, in turns in one process:
// `node kernels.mjs --name NAME [--build simd|native] [--seconds S]`. Prints one JSON line,
// `{ build, ours, rivals, flops?, peak?, bound? }` with medians in seconds. `peak` is the highest peak speed of the
// processor that was measured between the turns, in operations per second.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as jaxJs from '@jax-js/jax';
import { cases } from './kernel-cases.mjs';
import { tf, wasm } from './library.mjs';
import { median } from './statistics.mjs';

/**
 * @import { KernelConfig } from '@tensorflow/tfjs-core'
 * @import { SimdOption } from './library.mjs'
 */

const { values } = parseArgs({
  options: { build: { type: 'string' }, name: { type: 'string' }, seconds: { type: 'string', default: '0.8' } },
});

/** Returns all kernels of the running backend, by name. */
const registered = () => new Map(tf.getKernelsForBackend('wasm').map((kernel) => [kernel.kernelName, kernel]));

await wasm({ simd: 'stock' }).start();
const stock = registered();
const {
  capabilities: { kernels: build },
} = await wasm(
  values.build === 'native'
    ? { kernels: 'native' }
    : { kernels: 'wasm', simd: /** @type {SimdOption} */ (values.build) },
).start();
const ours = registered();
const replaced = [...ours.keys()].filter((name) => ours.get(name) !== stock.get(name));

/**
 * Replaces kernels of the running backend by the kernels in `set`, so that both sets are measured on one backend.
 *
 * @param {ReadonlyMap<string, KernelConfig>} set
 */
const use = (set) => {
  for (const name of replaced) {
    if (tf.getKernel(name, 'wasm') !== undefined) tf.unregisterKernel(name, 'wasm');
    const kernel = set.get(name);
    if (kernel !== undefined) tf.registerKernel(kernel);
  }
};

const TURNS = 1 << 20;
/**
 * Measures the operations per second of a loop in WebAssembly that uses registers only. The native kernels have no such
 * loop.
 */
const peakOf = () => {
  if (values.build === 'native') return undefined;
  const module = new WebAssembly.Module(
    readFileSync(new URL(`../../packages/backend-wasm/generated/${build}.wasm`, import.meta.url)),
  );
  const { exports } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } });
  const { peak } = /** @type {{ peak: (turns: number, factor: number, addend: number) => number }} */ (
    /** @type {unknown} */ (exports)
  );
  return () => {
    const start = performance.now();
    peak(TURNS, 0.999, 1e-3);
    return (96 * TURNS * 1000) / (performance.now() - start);
  };
};

/**
 * Returns the mean seconds of a call, over `count` calls.
 *
 * @param {() => unknown} call
 * @param {number} count
 */
const time = async (call, count) => {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const pending = call();
    if (pending instanceof Promise) await pending;
  }
  return (performance.now() - start) / 1000 / count;
};

/**
 * Returns the number of calls that together take about a millisecond, after a warm-up.
 *
 * @param {() => unknown} call
 */
const enough = async (call) => {
  await time(call, 2);
  return Math.max(1, Math.ceil(1e-3 / (await time(call, 2))));
};

/** @typedef {{ label: string; prepare: () => void; call: () => unknown }} Side */

/**
 * Returns the libraries that implement the operation.
 *
 * @param {import('./kernel-cases.mjs').KernelCase} entry
 * @returns {Promise<readonly Side[]>}
 */
const sidesOf = async ({ make, makeJax }) => {
  const tensors = make();
  const call = () => void tensors().dispose();
  const own = [
    { label: 'ours', prepare: () => use(ours), call },
    { label: 'TensorFlow.js', prepare: () => use(stock), call },
  ].filter(({ prepare }) => {
    prepare();
    try {
      call();
      return true;
    } catch (error) {
      // TensorFlow.js lacks some kernels, and the backend of this library may lack some too.
      if (/not registered|not implemented/.test(String(error))) return false;
      throw error;
    }
  });
  if (makeJax === undefined) return own;
  await jaxJs.init('wasm');
  jaxJs.defaultDevice('wasm');
  return [...own, { label: 'jax-js', prepare: () => {}, call: makeJax(jaxJs) }];
};

/** @param {import('./kernel-cases.mjs').KernelCase} entry */
const compare = async ({ make, makeJax, ...rest }) => {
  const measurePeak = peakOf();
  /** @type {(Side & { count: number; seconds: number[] })[]} */
  const sides = [];
  for (const side of await sidesOf({ make, makeJax, ...rest })) {
    side.prepare();
    sides.push({ ...side, count: await enough(side.call), seconds: [] });
  }
  const peaks = measurePeak === undefined ? [] : Array.from({ length: 30 }, measurePeak);
  const until = performance.now() + 1000 * Number(values.seconds);
  for (let round = 0; round < 5 || performance.now() < until; round++) {
    if (measurePeak !== undefined) peaks.push(measurePeak());
    for (const { prepare, call, count, seconds } of sides) {
      prepare();
      seconds.push(await time(call, count));
    }
  }
  const medians = Object.fromEntries(sides.map(({ label, seconds }) => [label, median(seconds)]));
  const { ours: own, ...rivals } = medians;
  console.log(
    JSON.stringify({ ...rest, build, ours: own, rivals, ...(peaks.length === 0 ? {} : { peak: Math.max(...peaks) }) }),
  );
};

const entry = cases.find(({ name }) => name === values.name);
if (entry === undefined) throw new Error(`Wrong --name: expected the name of a case, got "${values.name}".`);
await compare(entry);
