import { capabilities, inNode } from '@impflow/core';
import { browserOwner, openBrowserWorker } from './browser-port.ts';
import { openThread, threadOwner } from './node-port.ts';
import { openProcess, processOwner } from './process-port.ts';

/** A worker as its owner sees it: worker threads and processes of Node and module Workers of a browser alike. */
export interface WorkerPort {
  /** Handed over once this is settled, where it returns anything. */
  post(message: unknown): void | Promise<void>;
  onMessage(listener: (message: unknown) => void): void;
  /** It died, and why. Called at least once where the platform notices: a browser does not tell of a worker that closed itself. */
  onDeath(listener: (reason: string) => void): void;
  terminate(): Promise<void>;
}

/** The owner as a worker sees it. */
export interface OwnerPort {
  /** `transfer` moves buffers instead of copying them. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
}

/**
 * The module of a worker: where it lies, or how a browser starts it. Bundlers see only the literal
 * `() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })`.
 */
export type WorkerModule = URL | (() => Worker);

export const openWorker = (module: WorkerModule): WorkerPort => {
  if (typeof module === 'function' || !inNode()) return openBrowserWorker(module);
  return needsProcess() ? openProcess(module) : openThread(module);
};

/** Whether a further worker of the running backend is a process, with which no memory is shared. */
export const needsProcess = (): boolean => inNode() && capabilities().ownProcess === true;

/** @throws `unsupported` outside a worker. */
export const owner = (): OwnerPort => (inNode() ? processOwner() ?? threadOwner() : browserOwner());
