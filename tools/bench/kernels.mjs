// A kernel against TensorFlow.js's own, interleaved in one process: `node kernels.mjs --name NAME [--build simd]
// [--seconds S]`. Prints one JSON line, `{ build, ours, rival, flops?, peak, bound? }` with medians in seconds and the
// highest peak in operations per second that was measured between them.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cases } from './kernel-cases.mjs';
import { tf, wasm } from './library.mjs';
import { median } from './statistics.mjs';

/**
 * @import { KernelConfig, Tensor } from '@tensorflow/tfjs-core'
 * @import { SimdOption } from './library.mjs'
 */

const { values } = parseArgs({
  options: { build: { type: 'string' }, name: { type: 'string' }, seconds: { type: 'string', default: '0.8' } },
});

/** All kernels of the running backend, by name. */
const registered = () => new Map(tf.getKernelsForBackend('wasm').map((kernel) => [kernel.kernelName, kernel]));

await wasm({ simd: 'stock' }).start();
const stock = registered();
const {
  capabilities: { kernels: build },
} = await wasm({ simd: /** @type {SimdOption} */ (values.build) }).start();
const ours = registered();
const replaced = [...ours.keys()].filter((name) => ours.get(name) !== stock.get(name));

/**
 * Replaces the kernels with these: both sets work on the same running backend.
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

const module = readFileSync(new URL(`../../packages/backend-wasm/generated/${build}.wasm`, import.meta.url));
const { instance } = await WebAssembly.instantiate(module, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } });
const { peak } = /** @type {{ peak: (turns: number, factor: number, addend: number) => number }} */ (/** @type {unknown} */ (instance.exports));
const TURNS = 1 << 20;
/** Operations per second of a loop that uses registers only. */
const measurePeak = () => (96 * TURNS) / secondsOf(() => peak(TURNS, 0.999, 1e-3));

/** @param {() => void} body */
const secondsOf = (body) => {
  const start = performance.now();
  body();
  return (performance.now() - start) / 1000;
};

/**
 * Mean seconds of one call over `count` calls; results are disposed of.
 *
 * @param {() => Tensor} call
 * @param {number} count
 */
const time = (call, count) =>
  secondsOf(() => {
    for (let i = 0; i < count; i++) call().dispose();
  }) / count;

/**
 * Number of calls that take about a millisecond together, after a warm-up.
 *
 * @param {() => Tensor} call
 */
const enough = (call) => {
  time(call, 2);
  return Math.max(1, Math.ceil(1e-3 / time(call, 2)));
};

/** @param {import('./kernel-cases.mjs').KernelCase} entry */
const compare = ({ make, ...rest }) => {
  const call = make();
  const sides = [
    { side: 'ours', set: ours },
    { side: 'rival', set: stock },
  ].flatMap(({ side, set }) => {
    use(set);
    try {
      return [{ side, set, count: enough(call), seconds: /** @type {number[]} */ ([]) }];
    } catch (error) {
      // TensorFlow.js lacks some kernels, and this backend may too.
      if (/not registered|not implemented/.test(String(error))) return [];
      throw error;
    }
  });
  const peaks = Array.from({ length: 30 }, measurePeak);
  const until = performance.now() + 1000 * Number(values.seconds);
  while (peaks.length < 35 || performance.now() < until) {
    peaks.push(measurePeak());
    for (const { set, count, seconds } of sides) {
      use(set);
      seconds.push(time(call, count));
    }
  }
  const medians = Object.fromEntries(sides.map(({ side, seconds }) => [side, median(seconds)]));
  console.log(JSON.stringify({ ...rest, build, ...medians, peak: Math.max(...peaks) }));
};

const entry = cases.find(({ name }) => name === values.name);
if (entry === undefined) throw new Error(`Wrong --name: expected the name of a case, got "${values.name}".`);
tf.tidy(() => compare(entry));
