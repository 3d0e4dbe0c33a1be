import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { constants } from 'node:os';
import { workerData } from 'node:worker_threads';

// The module of a worker thread: not to be imported. It hears signals also while the main thread is busy, where no handler of the main thread runs.

/** Of the process. The `process.stderr` of a thread goes by way of the main thread. */
const STANDARD_ERROR = 2;
/** How long the main thread may take to hear of a signal, or to end the process. */
const PATIENCE_MS = 1000;

/** A signal handle on the loop of this thread. Node's public functions have handlers on the main thread alone. */
interface SignalHandle {
  onsignal: (signal: number) => void;
  start(signal: number): number;
}
interface Binding { readonly Signal: new () => SignalHandle }

/** One number: how many signals the main thread has heard. */
const heard = workerData as Int32Array;
let received = 0;

const onsignal = (signal: number): void => {
  received++;
  const count = received;
  setTimeout(() => {
    if (count > 1) end(128 + signal);
    else if (Atomics.load(heard, 0) === 0) writeSync(STANDARD_ERROR, 'Interrupted within a step: the run is saved at the end of it. Interrupt again to end at once; the last checkpoint stays.\n');
  }, PATIENCE_MS);
};

/** Ends the process, whose main thread has not: by an interrupt of its JavaScript, or by force where it is in native code. */
const end = (code: number): void => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE_MS);
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: `process.exit(${code})` });
  // At its exit a process waits for its debuggers.
  session.disconnect();
};

process.noDeprecation = true;
const { Signal } = (process as unknown as { binding(name: string): Binding }).binding('signal_wrap');
for (const signal of [constants.signals.SIGINT, constants.signals.SIGTERM]) {
  const handle = new Signal();
  handle.onsignal = onsignal;
  handle.start(signal);
}
