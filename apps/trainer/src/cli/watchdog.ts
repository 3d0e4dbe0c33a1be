import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { constants } from 'node:os';
import { workerData } from 'node:worker_threads';

// This is the main module of a worker thread; do not import it. The thread receives signals while the main thread is
// busy and cannot run its handlers.

/** File descriptor of standard error. `process.stderr` of a worker writes through the main thread, which may hang. */
const STANDARD_ERROR = 2;
/** Time in milliseconds that the main thread has to handle a signal or to end the process. */
const PATIENCE_MS = 1000;

/**
 * Node's internal handle of a signal. Its callback runs on the event loop of this thread. Handlers of Node's public API
 * run on the main thread only.
 */
interface SignalHandle {
  onsignal: (signal: number) => void;
  start(signal: number): number;
}
interface Binding {
  readonly Signal: new () => SignalHandle;
}

/**
 * Data from the main thread. `heard` holds the number of signals that the main thread has handled. `sentence` is
 * printed if the main thread has handled no signal after {@link PATIENCE_MS}.
 */
const { heard, sentence } = workerData as { readonly heard: Int32Array; readonly sentence: string };
let received = 0;

const onsignal = (signal: number): void => {
  received++;
  const count = received;
  setTimeout(() => {
    if (count > 1) end(128 + signal);
    else if (Atomics.load(heard, 0) === 0) writeSync(STANDARD_ERROR, `${sentence}\n`);
  }, PATIENCE_MS);
};

/**
 * Ends the process from outside the main thread. Interrupts the JavaScript of the main thread, and kills the process
 * after {@link PATIENCE_MS} if the main thread is in native code.
 */
const end = (code: number): void => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE_MS);
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: `process.exit(${code})` });
  // The debugger is disconnected, because a process waits at its exit until all debuggers have disconnected.
  session.disconnect();
};

process.noDeprecation = true;
const { Signal } = (process as unknown as { binding(name: string): Binding }).binding('signal_wrap');
for (const signal of [constants.signals.SIGINT, constants.signals.SIGTERM]) {
  const handle = new Signal();
  handle.onsignal = onsignal;
  handle.start(signal);
}
