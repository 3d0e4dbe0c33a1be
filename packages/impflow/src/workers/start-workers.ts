import { capabilities, FlowError, inNode, shown } from '@impflow/core';
import type { RecordsSpec } from '@impflow/tables';
import { dataParallel, type DataParallel } from '@impflow/training';
import { getBackend } from '@tensorflow/tfjs-core';
import { LIMITS } from '../options/limits.ts';
import type { Settings } from '../options/settings.ts';

/**
 * Smallest number of cells (numbers of the batch) per worker in a step. With fewer cells per worker, an additional
 * worker saves no time.
 */
const NUMBERS_EACH = 200;

/**
 * Returns the number of workers for a training. `auto` means one worker per core, limited so that each worker has at
 * least one row and 200 cells in a step. In a web page, and on a backend other than WebAssembly, `auto` means one
 * worker.
 *
 * @throws `option` if there are more workers than rows in a step.
 */
export const workersFor = (given: number | 'auto', batch: number, dim: number): number => {
  if (given === 'auto')
    return !inNode() || getBackend() !== 'wasm'
      ? 1
      : Math.max(1, Math.min(coresHere(), batch, Math.floor((batch * dim) / NUMBERS_EACH)));
  const most = Math.min(LIMITS.workers, batch);
  if (given <= most) return given;
  throw new FlowError('option', 'impflow/fit', 'More workers than rows in a step', {
    expected: `the option workers of at most ${most}`,
    got: shown(given),
    hint: 'Lower the option workers, or leave it out.',
  });
};

const coresHere = (): number => process.getBuiltinModule('node:os').availableParallelism();

/** Data from which a worker builds its copy of the model. */
export interface WorkerData {
  readonly spec: RecordsSpec;
  readonly memory: NonNullable<Settings['memory']>;
  /** Name of the set of kernels in the calling thread: the value of `capabilities.kernels` of the backend `wasm`. */
  readonly kernels: string | undefined;
}

/**
 * Starts the workers of a training (Node). With one worker, returns undefined, and the calling thread computes the
 * steps.
 */
export const startWorkers = async (
  spec: RecordsSpec,
  { workers, memory = 'keep' }: Settings,
): Promise<DataParallel | undefined> =>
  workers === 1
    ? undefined
    : dataParallel({
        workers,
        module: WORKER,
        data: { spec, memory, kernels: capabilities().kernels } satisfies WorkerData,
      });

/**
 * Address of the module that a worker runs. The module is always the compiled file in `dist`, even if this file runs
 * from source.
 */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/workers/worker.js' : './worker.js',
  import.meta.url,
);
