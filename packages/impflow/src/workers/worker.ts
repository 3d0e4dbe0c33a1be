import { wasm, type WasmOptions } from '@impflow/backend-wasm';
import { serveWorker } from '@impflow/training';
import { buildLearner } from '../table/learner.ts';
import type { WorkerData } from './start-workers.ts';

// This module runs in a worker thread and must not be imported.
serveWorker(async ({ spec, memory, kernels }: WorkerData) => {
  await wasm(optionsFor(kernels)).start();
  return buildLearner(spec, { memory });
});

/**
 * Returns options with which the WebAssembly backend of this worker uses the kernels of the thread that started the
 * worker.
 */
const optionsFor = (kernels: string | undefined): WasmOptions => {
  if (kernels === 'avx512' || kernels === 'avx2' || kernels === 'neon') return { kernels: { isa: kernels } };
  return kernels === 'simd' || kernels === 'stock' ? { simd: kernels } : { kernels: 'wasm' };
};
