import { availableParallelism } from 'node:os';
import { FlowError, shown, type Backend, type Capabilities } from '@impflow/core';
import { dataParallel, type DataParallel, type WorkerPort } from '@impflow/training';
import type { ModelSpec } from 'impflow/run';
import { LIMITS } from '../settings/limits.ts';
import type { Workers } from '../settings/workers.ts';
import { note, type OutputOptions } from '../terminal/output.ts';

/**
 * Minimum number of values (rows times columns) that each worker gets in a step, such as 100 rows of two columns. With
 * fewer values per worker, an additional worker saves no time.
 */
const NUMBERS_EACH = 200;

/** Size of the batch of a step. */
interface StepSize {
  /** Number of rows or images in a step. */
  readonly batch: number;
  /** Number of values in a row or an image. */
  readonly dim: number;
}

/**
 * Returns the number of workers for a run. With `auto`, there is at most one worker per core, and each worker gets at
 * least 200 values and one row. A backend that itself divides each operation, among threads or on a GPU, gets one
 * worker. In an MPI job, such a backend gets one worker for each rank.
 *
 * @throws `option` for more workers than rows in a batch.
 */
export const workersFor = (
  given: Workers | undefined = 'auto',
  { batch, dim }: StepSize,
  backend?: Pick<Capabilities, 'threads' | 'device'>,
): number => {
  const one = backend !== undefined && sharesItself(backend);
  if (given === 'auto')
    return one ? 1 : Math.max(1, Math.min(availableParallelism(), batch, Math.floor((batch * dim) / NUMBERS_EACH)));
  const ranks = ranksOf(given);
  const count = typeof given === 'number' ? given : given.each * ranks;
  if (count > LIMITS.workers)
    throw new FlowError('option', 'cli', 'Too many workers', {
      expected: `at most ${LIMITS.workers}`,
      got: shown(count),
      hint: 'Start fewer ranks, or fewer workers on each.',
    });
  if (count <= batch) return one ? ranks : count;
  throw new FlowError('option', 'cli', 'More workers than rows in a step', {
    expected: `--workers of at most ${batch} (--batch)`,
    got: typeof given === 'number' ? String(given) : `${given.each} on each of ${ranks} ranks`,
    hint: typeof given === 'number' ? 'Lower it, or leave it out.' : 'Start fewer ranks, or raise --batch.',
  });
};

const ranksOf = (given: Workers): number => (typeof given === 'object' ? (given.ranks ?? 1) : 1);

/**
 * Returns the number of workers of one rank; outside an MPI job, the number of workers of the run. Returns `auto` if
 * the option is `auto`.
 */
export const localWorkers = (given: Workers): number | 'auto' => (typeof given === 'object' ? given.each : given);

/** Returns whether a backend uses all cores or the GPU although only one thread of the program calls it. */
const sharesItself = ({ threads, device }: Pick<Capabilities, 'threads' | 'device'>): boolean =>
  threads > 1 || device === 'gpu';

/**
 * Returns the planned number of workers. On a backend that itself divides each operation, returns 1, or one worker for
 * each rank of an MPI job.
 */
export const workersOn = (
  { name, capabilities }: Backend,
  planned: number,
  given: OutputOptions & { readonly workers?: Workers },
): number => {
  const least = ranksOf(given.workers ?? 'auto');
  if (planned <= least || !sharesItself(capabilities)) return planned;
  const { threads, device } = capabilities;
  if (given.workers !== undefined && given.workers !== 'auto')
    note(
      given,
      `One worker${least === 1 ? '' : ' on each rank'} instead of ${localWorkers(given.workers)}: ${name} itself divides each step, ${device === 'gpu' ? 'on the graphics card' : `among ${threads} threads`}.`,
    );
  return least;
};

/** Data from which a worker builds its copy of the model. */
export interface WorkerData {
  readonly spec: ModelSpec;
  readonly memory: 'keep' | 'budget';
  readonly backend: string;
  /** Plugins to load. */
  readonly plugin: readonly string[];
}

/**
 * Starts the workers of a run. `port` returns the connection to a worker on another rank, as in `dataParallel`. Returns
 * undefined for a single worker, because then the calling thread computes.
 */
export const startWorkers = async (
  workers: number,
  data: WorkerData,
  port?: (index: number) => WorkerPort | undefined,
): Promise<DataParallel | undefined> =>
  workers === 1 ? undefined : dataParallel({ workers, module: WORKER, data, ...(port === undefined ? {} : { port }) });

/** The URL of the compiled module of a worker. The module does not exist if this file runs from source. */
export const WORKER: URL = new URL('./gradient-worker.js', import.meta.url);
