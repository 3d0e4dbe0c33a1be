import type { WasmFiles } from '@impflow/backend-wasm';
import { dataParallel } from '@impflow/training';
import type { FitTableOptions } from '../fitting/options.ts';
import type { WorkerData } from '../workers/start-workers.ts';
import { STEP } from './worker-names.ts';

/** Data from which a worker builds its copy of the model. */
export interface StepWorkerData extends Omit<WorkerData, 'kernels'> {
  readonly files: WasmFiles;
}

/**
 * Starts the workers that share the steps of a training in a page. The workers run the script that contains this
 * function.
 */
export const startStepWorkers =
  (files: WasmFiles): NonNullable<FitTableOptions['startWorkers']> =>
  async (spec, { workers, memory = 'keep' }) =>
    workers === 1
      ? undefined
      : dataParallel({
          workers,
          module: () => new Worker(import.meta.url, { type: 'module', name: STEP }),
          data: { spec, memory, files } satisfies StepWorkerData,
        });
