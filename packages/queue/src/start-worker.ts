import type { QueueWorker, QueueWorkerOptions } from './worker.ts';

/**
 * Starts a worker, which takes tasks from a queue in the order of submission and runs them with a handler.
 *
 * @throws `option`: wrong address, name, password, certificate or number; `worker`: no connection to Redis within five
 *   seconds; `unsupported`: Redis older than 6.2, or a cluster. After the first connection, a lost connection causes no
 *   error: the worker waits until the connection is restored.
 */
export const startWorker = async <Task, Result>(options: QueueWorkerOptions<Task, Result>): Promise<QueueWorker> => {
  // The dependencies are loaded only when the function is called, so that importing this package has no effects.
  const { openQueueWorker } = await import('./worker.ts');
  return openQueueWorker(options);
};
