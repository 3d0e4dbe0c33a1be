// What the machine gives to several threads: `node products.mjs --workers 2`, then serves (see serve.mjs). One repetition is a fixed
// number of products [250,128] x [128,128], shared out; nothing else happens, and each thread has its own memory.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { serve, warmUp } from './serve.mjs';

const PRODUCTS = 400;
const [M, N] = [250, 128];

/** A function that does `count` products. */
const products = async (build) => {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const { instance: { exports: { gemm } } } = await WebAssembly.instantiate(readFileSync(new URL(`../../packages/backend-wasm/generated/${build}.wasm`, import.meta.url)), { env: { memory } });
  const [a, b, c, scratch] = [1 << 16, 1 << 18, 1 << 19, 1 << 20];
  return (count) => { for (let i = 0; i < count; i++) gemm(a, 4 * N, 4, b, 4 * N, 4, c, M, N, N, 0, 0, scratch); };
};

if (isMainThread) {
  const { values } = parseArgs({ options: { workers: { type: 'string', default: '1' } } });
  const workers = Number(values.workers);
  const { wasm } = await import('./library.mjs');
  // Also turns relaxed SIMD on, where Node hides it behind a flag.
  const { capabilities: { kernels: build } } = await wasm().start();
  const own = await products(build);
  const others = Array.from({ length: workers - 1 }, () => new Worker(new URL(import.meta.url), { workerData: { build } }));
  const answer = (worker) => new Promise((resolve) => { worker.once('message', resolve); });
  await Promise.all(others.map(answer));
  const share = Math.round(PRODUCTS / workers);
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
      return {};
    },
  });
} else {
  const run = await products(workerData.build);
  parentPort.on('message', (count) => {
    run(count);
    parentPort.postMessage('done', []);
  });
  parentPort.postMessage('ready', []);
}
