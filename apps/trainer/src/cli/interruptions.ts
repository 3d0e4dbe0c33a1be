import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Handlers of SIGINT, SIGTERM and SIGHUP for one command. */
export interface Interruptions {
  /**
   * Installs the handlers and returns an abort signal. After this call, an interruption aborts the returned signal
   * instead of ending the process. `sentence` is printed if the main thread is busy and does not handle the
   * interruption within a second.
   */
  start(sentence: string): AbortSignal;
  /** Removes the handlers. */
  stop(): void;
}

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort signal. The first interruption requests a clean stop. A second SIGINT
 * or SIGTERM ends the process with exit code 128 + signal, which is 130 or 143. If the second signal comes between two
 * steps, the process ends immediately. During a step, the process ends after at most two seconds.
 *
 * @remarks Handlers of the main thread run only between steps, so a worker thread receives the signals too. If the
 * worker thread fails to start, an interruption takes effect at the end of the step.
 */
export const interruptions = (): Interruptions => {
  const abort = new AbortController();
  // Number of interruptions that this thread has handled. The watchdog thread reads this number.
  const heard = new Int32Array(new SharedArrayBuffer(4));
  let watchdog: Worker | undefined;
  const interrupt = (signal: 'SIGINT' | 'SIGTERM'): void => {
    Atomics.add(heard, 0, 1);
    if (abort.signal.aborted) process.exit(128 + constants.signals[signal]);
    abort.abort();
  };
  // A closed terminal may send SIGHUP more than once. A repeated SIGHUP must not end the process before the run is
  // saved.
  const hangUp = (): void => abort.abort();
  return {
    start: (sentence) => {
      process.on('SIGINT', interrupt);
      process.on('SIGTERM', interrupt);
      process.on('SIGHUP', hangUp);
      watchdog = new Worker(MODULE, { workerData: { heard, sentence } });
      // If the program runs from source, without compiled modules, the watchdog thread fails to start. An interruption
      // then takes effect at the end of the step.
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
