import type { Transferable } from 'node:worker_threads';
import { FlowError } from '@impflow/core';
import type { OwnerPort, WorkerPort } from './port.ts';

/** Starts a worker thread that runs a module. */
export const openThread = (module: URL): WorkerPort => {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  // Node accepts the flag `--input-type` only together with `--eval`, so a thread that runs a module would fail with
  // it.
  const worker = new Worker(module, { execArgv: process.execArgv.filter((flag) => !flag.startsWith('--input-type')) });
  return Object.freeze<WorkerPort>({
    post: (message) => worker.postMessage(message, []),
    onMessage: (listener) => void worker.on('message', listener),
    onDeath: (listener) => {
      worker.on('error', (error) => listener(error instanceof Error ? error.message : String(error)));
      worker.on('messageerror', (error) => listener(error.message));
      worker.on('exit', (code) => listener(`exit code ${code}`));
    },
    terminate: async () => void (await worker.terminate()),
  });
};

/** Returns the connection of a worker thread to its owner. @throws `unsupported` on the main thread. */
export const threadOwner = (): OwnerPort => {
  const { parentPort: port } = process.getBuiltinModule('node:worker_threads');
  if (port === null) {
    throw new FlowError('unsupported', 'training/serveWorker', 'Not in a worker', {
      expected: 'a module that dataParallel started',
      got: 'the main thread',
      hint: 'Pass the URL of this module to dataParallel.',
    });
  }
  return Object.freeze<OwnerPort>({
    post: (message, transfer = []) => port.postMessage(message, transfer as readonly Transferable[]),
    onMessage: (listener) => void port.on('message', listener),
  });
};
