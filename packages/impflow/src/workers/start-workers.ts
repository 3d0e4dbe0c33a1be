import { FlowError, inNode } from '@impflow/core';
import type { RecordsSpec } from '@impflow/tables';
import { dataParallel, type DataParallel } from '@impflow/training';
import { getBackend } from '@tensorflow/tfjs-core';
import { LIMITS } from '../options/limits.ts';
import type { Settings } from '../options/settings.ts';

/** Fewest numbers of a step per worker, such as 100 rows of two. With fewer, another worker saves no time. */
const NUMBERS_EACH = 200;

/**
 * Number of workers for a training. `auto`: one per core, with at least 200 numbers and one row each; one in a page, and
 * on a backend other than WebAssembly.
 *
 * @throws `option` for more workers than rows of a step.
 */
export const workersFor = (given: number | 'auto', batch: number, dim: number): number => {
  if (given === 'auto')
    return !inNode() || getBackend() !== 'wasm'
      ? 1
      : Math.max(1, Math.min(coresHere(), batch, Math.floor((batch * dim) / NUMBERS_EACH)));
  const most = Math.min(LIMITS.workers, batch);
  if (given <= most) return given;
  throw new FlowError('option', 'impflow/fit', 'More workers than rows of a step', {
    expected: `the option workers of at most ${most}`,
    got: String(given),
    hint: 'Lower it, or leave it out.',
  });
};

const coresHere = (): number => process.getBuiltinModule('node:os').availableParallelism();

/** Data from which a worker builds its copy of the model. */
export interface WorkerData {
  readonly spec: RecordsSpec;
  readonly memory: NonNullable<Settings['memory']>;
}

/** Starts the workers of a training (Node). Undefined for one worker, which is the calling thread. */
export const startWorkers = async (
  spec: RecordsSpec,
  { workers, memory = 'keep' }: Settings,
): Promise<DataParallel | undefined> =>
  workers === 1 ? undefined : dataParallel({ workers, module: WORKER, data: { spec, memory } satisfies WorkerData });

/** Module of a worker: always the compiled module. When this file runs from source, that is the module in `dist`. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/workers/worker.js' : './worker.js',
  import.meta.url,
);
