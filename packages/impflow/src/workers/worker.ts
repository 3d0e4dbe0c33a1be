import { wasm, type WasmOptions } from '@impflow/backend-wasm';
import { serveWorker } from '@impflow/training';
import { buildLearner } from '../table/learner.ts';
import type { WorkerData } from './start-workers.ts';

// Module of a worker thread; do not import it.
serveWorker(async ({ spec, memory, kernels }: WorkerData) => {
  await wasm(optionsFor(kernels)).start();
  return buildLearner(spec, { memory });
});

/** Returns the options of a backend with the same kernels as the thread that started this worker. */
const optionsFor = (kernels: string | undefined): WasmOptions => {
  if (kernels === 'avx512' || kernels === 'avx2' || kernels === 'neon') return { kernels: { isa: kernels } };
  return kernels === 'simd' || kernels === 'stock' ? { simd: kernels } : { kernels: 'wasm' };
};
