import { FlowError, shown } from '@impflow/core';

/**
 * Environment variable with the number of threads. TensorFlow reads the variable only when it makes its first context.
 * Neither OMP_NUM_THREADS nor an option of tfjs-node sets the number.
 */
const VARIABLE = 'TF_NUM_INTRAOP_THREADS';

/**
 * Returns the number of threads that compute one operation together: the value of the environment variable, else the
 * number of cores.
 */
export const threadsInUse = (): number =>
  Number(process.env[VARIABLE]) || process.getBuiltinModule('node:os').availableParallelism();

/**
 * Sets the number of TensorFlow threads. If `running` is true, TensorFlow is already loaded and does not read the
 * number any more.
 *
 * @throws `option` for a wrong number, `unsupported` if TensorFlow already runs with another number.
 */
export const requestThreads = (at: string, threads: number, running: boolean): void => {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new FlowError('option', at, 'Wrong threads', { expected: 'an integer >= 1', got: shown(threads) });
  }
  if (!running) process.env[VARIABLE] = String(threads);
  else if (threadsInUse() !== threads) {
    throw new FlowError('unsupported', at, 'TensorFlow already runs in this process', {
      expected: `${threads} threads`,
      got: String(threadsInUse()),
      hint: 'The number cannot change in a process: set it at the first start, or use a separate process.',
    });
  }
};
