import type { QueueWorker, QueueWorkerOptions } from './worker.ts';

/**
 * Takes tasks from a queue, in the order of submission, and runs them with a handler.
 *
 * @throws `option`: wrong address, name, password, certificate or number; `worker`: no Redis after five seconds;
 *   `unsupported`: Redis older than 6.2, or a cluster. After the start, the worker waits for Redis forever.
 */
export const startWorker = async <Task, Result>(options: QueueWorkerOptions<Task, Result>): Promise<QueueWorker> => {
  // As in `queueRunner`, importing this package has no effects.
  const { openQueueWorker } = await import('./worker.ts');
  return openQueueWorker(options);
};
