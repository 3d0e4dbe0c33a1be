// Measures matrix products on several threads: `node products.mjs --workers 2 [--rows 250] [--kernels wasm]`. serve.mjs
// describes its input and output. A repetition is a fixed number of operations in products [rows,128] x [128,128],
// divided among the threads. The threads do no other work, and each has its own memory.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { serve, warmUp } from './serve.mjs';

/** Total number of rows of all products in a repetition. */
const ROWS = 100_000;
const N = 128;

/**
 * Returns a function that computes `count` products of `m` rows, at most 1000.
 *
 * @param {'wasm' | 'native'} kernels
 * @param {number} m
 * @returns {Promise<(count: number) => void>}
 */
const products = async (kernels, m) => {
  const memory = new WebAssembly.Memory({ initial: 96 });
  const gemm = kernels === 'native' ? await nativeGemm(memory) : await wasmGemm(memory);
  const [a, b, c, scratch] = [1 << 16, 5 << 17, 3 << 18, 3 << 19];
  return (count) => {
    for (let i = 0; i < count; i++) gemm(a, 4 * N, 4, b, 4 * N, 4, c, m, N, N, 0, 0, scratch);
  };
};

/** @typedef {(...args: number[]) => void} Product */

/**
 * @param {WebAssembly.Memory} memory
 * @returns {Promise<Product>}
 */
const wasmGemm = async (memory) => {
  const file = new URL('../../packages/backend-wasm/generated/relaxed.wasm', import.meta.url);
  const { instance } = await WebAssembly.instantiate(readFileSync(file), { env: { memory } });
  return /** @type {{ gemm: Product }} */ (/** @type {unknown} */ (instance.exports)).gemm;
};

/**
 * @param {WebAssembly.Memory} memory
 * @returns {Promise<Product>}
 */
const nativeGemm = async (memory) => {
  const { nativeKernels } = await import('../../packages/kernels-native/dist/index.js');
  const native = await nativeKernels();
  if ('refused' in native) throw new Error(`[bench/products] No native kernels. ${native.refused}.`);
  return native.on(memory).kernels.gemm;
};

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      workers: { type: 'string', default: '1' },
      rows: { type: 'string', default: '250' },
      kernels: { type: 'string', default: 'wasm' },
    },
  });
  const [workers, rows] = [values.workers, values.rows].map(Number);
  const kernels = /** @type {'wasm' | 'native'} */ (values.kernels);
  // Node 20 needs a flag for relaxed SIMD. Later versions do not have this flag.
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const own = await products(kernels, rows);
  const others = Array.from(
    { length: workers - 1 },
    () => new Worker(new URL(import.meta.url), { workerData: { kernels, rows } }),
  );
  /** @param {Worker} worker */
  const answer = (worker) =>
    new Promise((resolve) => {
      worker.once('message', resolve);
    });
  await Promise.all(others.map(answer));
  const share = Math.round(ROWS / rows / workers);
  const repeat = async () => {
    const done = others.map(answer);
    for (const worker of others) worker.postMessage(share, []);
    own(share);
    await Promise.all(done);
  };
  await serve({
    facts: { engine: `products, ${kernels} kernels`, seconds: await warmUp(repeat, 20) },
    repeat,
    conclude: async () => {
      await Promise.all(others.map((worker) => worker.terminate()));
      return { operations: 2 * share * workers * rows * N * N };
    },
  });
} else {
  const run = await products(workerData.kernels, workerData.rows);
  parentPort?.on('message', (count) => {
    run(count);
    parentPort?.postMessage('done', []);
  });
  parentPort?.postMessage('ready', []);
}
