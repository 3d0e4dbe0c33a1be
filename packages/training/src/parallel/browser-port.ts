import { FlowError } from '@impflow/core';
import type { OwnerPort, WorkerModule, WorkerPort } from './port.ts';

/** Starts a worker in a browser that runs `module` as an ES module. */
export const openBrowserWorker = (module: WorkerModule): WorkerPort => {
  const worker = typeof module === 'function' ? module() : new Worker(module, { type: 'module' });
  return Object.freeze<WorkerPort>({
    post: (message) => worker.postMessage(message, []),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    onDeath: (listener) => {
      // The error event has an empty message if the module could not be loaded.
      worker.addEventListener('error', ({ message }) => listener(message || 'a module that does not load'));
      worker.addEventListener('messageerror', () => listener('a message that cannot be read'));
    },
    terminate: async () => worker.terminate(),
  });
};

interface WorkerScope {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Returns the connection of a browser worker to its owner. @throws `unsupported` on the main thread. */
export const browserOwner = (): OwnerPort => {
  if (typeof document !== 'undefined') {
    throw new FlowError('unsupported', 'training/serveWorker', 'Not in a worker', {
      expected: 'a module that dataParallel started',
      got: 'a page',
      hint: 'Give this module to dataParallel.',
    });
  }
  const scope = globalThis as unknown as WorkerScope;
  return Object.freeze<OwnerPort>({
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  });
};
