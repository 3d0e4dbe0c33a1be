// The speed of several threads: `node products.mjs --workers 2 [--rows 250]`, then serves (see serve.mjs). A repetition
// is a fixed number of operations in products [rows,128] x [128,128], divided among the threads. Nothing else runs, and
// each thread has its own memory.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { serve, warmUp } from './serve.mjs';

/** Total rows of all products of a repetition. */
const ROWS = 100_000;
const N = 128;

/**
 * Returns a function that computes `count` products of `m` rows, at most 1000.
 *
 * @param {string | undefined} build
 * @param {number} m
 * @returns {Promise<(count: number) => void>}
 */
const products = async (build, m) => {
  const memory = new WebAssembly.Memory({ initial: 96 });
  const { instance } = await WebAssembly.instantiate(
    readFileSync(new URL(`../../packages/backend-wasm/generated/${build}.wasm`, import.meta.url)),
    { env: { memory } },
  );
  const { gemm } = /** @type {{ gemm: (...args: number[]) => void }} */ (/** @type {unknown} */ (instance.exports));
  const [a, b, c, scratch] = [1 << 16, 5 << 17, 3 << 18, 3 << 19];
  return (count) => {
    for (let i = 0; i < count; i++) gemm(a, 4 * N, 4, b, 4 * N, 4, c, m, N, N, 0, 0, scratch);
  };
};

if (isMainThread) {
  const { values } = parseArgs({
    options: { workers: { type: 'string', default: '1' }, rows: { type: 'string', default: '250' } },
  });
  const [workers, rows] = [values.workers, values.rows].map(Number);
  const { wasm } = await import('./library.mjs');
  // This also enables relaxed SIMD if Node has it behind a flag.
  const {
    capabilities: { kernels: build },
  } = await wasm().start();
  const own = await products(build, rows);
  const others = Array.from(
    { length: workers - 1 },
    () => new Worker(new URL(import.meta.url), { workerData: { build, rows } }),
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
    facts: { engine: `products, kernels ${build}`, seconds: await warmUp(repeat, 20) },
    repeat,
    conclude: async () => {
      await Promise.all(others.map((worker) => worker.terminate()));
      return { operations: 2 * share * workers * rows * N * N };
    },
  });
} else {
  const run = await products(workerData.build, workerData.rows);
  parentPort?.on('message', (count) => {
    run(count);
    parentPort?.postMessage('done', []);
  });
  parentPort?.postMessage('ready', []);
}
