// Starts threads that use the native kernels, and kills each thread in the middle of its work. Prints by how many
// megabytes the process grew from the end of the first tenth of the threads to the end of the last thread.
//   node threads.mjs COUNT [only]
// With `only`, the main thread does not load the library, so each thread loads and unloads the library.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { nativeKernels } from '@impflow/kernels-native';

/** Number of rows of B. The packed copy of B takes 4 MB of memory of the thread. */
const DEPTH = 8192;
const [N, M] = [128, 64];

const kernelsOf = async () => {
  const native = await nativeKernels();
  if ('refused' in native) throw new Error(native.refused);
  const memory = new WebAssembly.Memory({ initial: 160 });
  new Float32Array(memory.buffer).fill(0.5);
  return { memory, ...native.on(memory) };
};

/** @param {Awaited<ReturnType<typeof kernelsOf>>} kernels */
const multiply = ({ kernels, memory }) => {
  const [b, c] = [4 * M * DEPTH, 4 * (M + N) * DEPTH];
  // The columns of B are contiguous in memory, so the kernel makes a packed copy of B.
  kernels.gemm(0, 4 * DEPTH, 4, b, 4, 4 * DEPTH, c, M, N, DEPTH, 0, 0);
  return new Float32Array(memory.buffer)[c / 4];
};

if (isMainThread) {
  const own = process.argv[3] === 'only' ? undefined : await kernelsOf();
  const count = Number(process.argv[2]);
  let before = 0;
  for (let i = 0; i < count; i++) {
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    // Checks that the main thread computes correctly after the other thread was killed.
    if (own !== undefined && multiply(own) !== DEPTH / 4) throw new Error('Wrong product.');
    if (i === Math.floor(count / 10)) before = process.memoryUsage.rss();
  }
  // Prints a string, because Node colors numbers if FORCE_COLOR is set.
  console.log(String(Math.round((process.memoryUsage.rss() - before) / 1e6)));
} else {
  const kernels = await kernelsOf();
  multiply(kernels);
  parentPort?.postMessage('working', []);
  for (;;) multiply(kernels);
}
