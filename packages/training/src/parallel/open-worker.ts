import { capabilities, inNode } from '@impflow/core';
import { browserOwner, openBrowserWorker } from './browser-port.ts';
import { openThread, threadOwner } from './node-port.ts';
import type { OwnerPort, WorkerModule, WorkerPort } from './port.ts';
import { openProcess, processOwner } from './process-port.ts';

/**
 * Starts a worker: a Worker in a browser, or a thread or a process in Node. In Node, `ownProcess` chooses whether the
 * worker is a process. Default: a process if the running backend allows only one instance per process.
 */
export const openWorker = (module: WorkerModule, ownProcess?: boolean): WorkerPort => {
  if (typeof module === 'function' || !inNode()) return openBrowserWorker(module);
  return (ownProcess ?? needsProcess()) ? openProcess(module) : openThread(module);
};

/**
 * Returns whether a worker must be a separate process, because the running backend allows only one instance per
 * process.
 */
export const needsProcess = (): boolean => inNode() && capabilities().ownProcess === true;

/** Returns the connection of this worker to its owner. @throws `unsupported` outside a worker. */
export const owner = (): OwnerPort => (inNode() ? (processOwner() ?? threadOwner()) : browserOwner());
