import { availableParallelism } from 'node:os';
import { FlowError, type Capabilities } from '@impflow/core';
import { dataParallel, type DataParallel } from '@impflow/training';
import type { ModelSpec } from './model.ts';

/** Numbers of a step, such as 100 rows of two, below which a further worker does not pay. */
const NUMBERS_EACH = 200;

/** What a step is made of. */
export interface StepSize {
  /** Rows or images. */
  readonly batch: number;
  /** Numbers of each. */
  readonly dim: number;
}

/**
 * How many workers share the steps of a run. `auto`: as many as the machine runs at once, of at least 200 numbers and one row each. One on a
 * backend that shares out each operation itself, among its own threads or on a graphics card.
 *
 * @throws `option` where some would have no row.
 */
export const workersFor = (given: number | 'auto' = 'auto', { batch, dim }: StepSize, backend?: Pick<Capabilities, 'threads' | 'device'>): number => {
  const one = backend !== undefined && sharesItself(backend);
  if (given === 'auto') return one ? 1 : Math.max(1, Math.min(availableParallelism(), batch, Math.floor((batch * dim) / NUMBERS_EACH)));
  if (given <= batch) return one ? 1 : given;
  throw new FlowError('option', 'cli', 'More workers than rows of a step', { expected: `--workers of at most ${batch} (--batch)`, got: String(given), hint: 'Lower it, or leave it out.' });
};

/** Whether a backend keeps the machine busy from one thread of the program. */
export const sharesItself = ({ threads, device }: Pick<Capabilities, 'threads' | 'device'>): boolean => threads > 1 || device === 'gpu';

/** What a worker builds its copy of a run from. */
export interface WorkerData {
  readonly spec: ModelSpec;
  readonly memory: 'keep' | 'budget';
  readonly backend: string;
  /** Those that the caller named. */
  readonly plugin: readonly string[];
}

/** The workers of a run; none for one, which is this thread. */
export const startWorkers = async (workers: number, data: WorkerData): Promise<DataParallel | undefined> =>
  workers === 1 ? undefined : dataParallel({ workers, module: MODULE, data });

const MODULE = new URL('./gradient-worker.js', import.meta.url);
