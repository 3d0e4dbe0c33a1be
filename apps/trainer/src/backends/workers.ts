import { availableParallelism } from 'node:os';
import { FlowError, type Backend, type Capabilities } from '@impflow/core';
import { dataParallel, type DataParallel } from '@impflow/training';
import type { ModelSpec } from '../model/model.ts';
import { note, type OutputOptions } from '../terminal/output.ts';

/** Fewest numbers of a step per worker, such as 100 rows of two. With fewer, another worker saves no time. */
const NUMBERS_EACH = 200;

/** Size of a step. */
export interface StepSize {
  /** Number of rows or images. */
  readonly batch: number;
  /** Numbers of a row or image. */
  readonly dim: number;
}

/**
 * Number of workers for a run. `auto`: one per core, with at least 200 numbers and one row each. A backend that shares
 * each operation itself, among threads or on a GPU, gets one.
 *
 * @throws `option` for more workers than rows.
 */
export const workersFor = (
  given: number | 'auto' = 'auto',
  { batch, dim }: StepSize,
  backend?: Pick<Capabilities, 'threads' | 'device'>,
): number => {
  const one = backend !== undefined && sharesItself(backend);
  if (given === 'auto')
    return one ? 1 : Math.max(1, Math.min(availableParallelism(), batch, Math.floor((batch * dim) / NUMBERS_EACH)));
  if (given <= batch) return one ? 1 : given;
  throw new FlowError('option', 'cli', 'More workers than rows of a step', {
    expected: `--workers of at most ${batch} (--batch)`,
    got: String(given),
    hint: 'Lower it, or leave it out.',
  });
};

/** Whether one thread of the program keeps all cores or the GPU busy with this backend. */
export const sharesItself = ({ threads, device }: Pick<Capabilities, 'threads' | 'device'>): boolean =>
  threads > 1 || device === 'gpu';

/** The planned number of workers, or 1 on a backend that shares the work itself. */
export const workersOn = (
  { name, capabilities }: Backend,
  planned: number,
  given: OutputOptions & { readonly workers?: number | 'auto' },
): number => {
  if (planned === 1 || !sharesItself(capabilities)) return planned;
  const { threads, device } = capabilities;
  if (typeof given.workers === 'number')
    note(
      given,
      `One worker instead of ${given.workers}: ${name} shares each step itself, ${device === 'gpu' ? 'on the graphics card' : `among ${threads} threads`}.`,
    );
  return 1;
};

/** Data from which a worker builds its copy of the model. */
export interface WorkerData {
  readonly spec: ModelSpec;
  readonly memory: 'keep' | 'budget';
  readonly backend: string;
  /** Plugins to load. */
  readonly plugin: readonly string[];
}

/** Starts the workers of a run. Returns undefined for one worker, which is the calling thread. */
export const startWorkers = async (workers: number, data: WorkerData): Promise<DataParallel | undefined> =>
  workers === 1 ? undefined : dataParallel({ workers, module: MODULE, data });

// The compiled module: it is missing where this runs from source.
const MODULE = new URL('./gradient-worker.js', import.meta.url);
