import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';

export interface Interruptions {
  /** From this call on an interruption aborts the signal instead of ending the process. */
  start(): AbortSignal;
  stop(): void;
}

/**
 * SIGINT, SIGTERM and SIGHUP as an abort signal. The first asks for a clean stop. A second SIGINT or SIGTERM ends the process with the exit code 128 + signal, 130 or 143:
 * at once between two steps, after at most two seconds within a step that does not end.
 *
 * @remarks Handlers of the main thread run between two steps alone, so a worker thread watches besides. Where a build of Node has no handles for that, an interruption waits for the end of the step.
 */
export const interruptions = (): Interruptions => {
  const abort = new AbortController();
  const heard = new Int32Array(new SharedArrayBuffer(4));
  let watchdog: Worker | undefined;
  const interrupt = (signal: 'SIGINT' | 'SIGTERM'): void => {
    Atomics.add(heard, 0, 1);
    if (abort.signal.aborted) process.exit(128 + constants.signals[signal]);
    abort.abort();
  };
  // The terminal is gone; it may say so more than once, which is no second wish.
  const hangUp = (): void => abort.abort();
  return {
    start: () => {
      process.on('SIGINT', interrupt);
      process.on('SIGTERM', interrupt);
      process.on('SIGHUP', hangUp);
      watchdog = new Worker(MODULE, { workerData: heard });
      // No watchdog: see above. Run from source there is none either.
      watchdog.on('error', () => {});
      watchdog.unref();
      return abort.signal;
    },
    stop: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      process.off('SIGHUP', hangUp);
      void watchdog?.terminate();
    },
  };
};

const MODULE = new URL('./watchdog.js', import.meta.url);
