import { FlowError } from '@impflow/core';

/** TensorFlow reads it when its first context is made, and never again. Neither OMP_NUM_THREADS nor anything that tfjs-node offers sets the number. */
const VARIABLE = 'TF_NUM_INTRAOP_THREADS';

/** How many threads share an operation: what the environment says, or one for each core. */
export const threadsInUse = (): number => Number(process.env[VARIABLE]) || process.getBuiltinModule('node:os').availableParallelism();

/**
 * Asks for a number of threads; `running` says that TensorFlow has been loaded and asks no more.
 *
 * @throws `option` where the number is none, `unsupported` where TensorFlow already runs with another.
 */
export const requestThreads = (at: string, threads: number, running: boolean): void => {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new FlowError('option', at, 'Wrong threads', { expected: 'an integer >= 1', got: String(threads) });
  }
  if (!running) process.env[VARIABLE] = String(threads);
  else if (threadsInUse() !== threads) {
    throw new FlowError('unsupported', at, 'TensorFlow already runs in this process', {
      expected: `${threads} threads`, got: String(threadsInUse()), hint: 'It takes the number once: give it at the first start, or use a process of its own.',
    });
  }
};
