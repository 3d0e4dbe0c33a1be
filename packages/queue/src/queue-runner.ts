import type { QueueRunner, QueueRunnerOptions } from './runner.ts';

/**
 * Submits tasks to a queue on Redis. Tasks may be submitted in any number at once; a thousand take some 0.3 s.
 *
 * Equal tasks are one ({@link taskId}): a task that waits or runs is joined, one that was finished within a day gives
 * its stored result at once, one that failed is tried again. So a program that was killed and started again goes on.
 *
 * @remarks
 * A task runs at least once: again after the loss of its worker, and perhaps at the same time on a worker that stood
 * still. Running it again must give the same result and the same files. What Redis forgets is submitted again.
 *
 * A task that is aborted leaves the queue. If a worker has it already, it is finished there.
 *
 * @throws `option`: wrong address, name, password or certificate; `worker`: no Redis after five seconds;
 *   `unsupported`: Redis older than 6.2, or a cluster. After the start it waits for Redis forever.
 */
export const queueRunner = async <Task, Result>(options: QueueRunnerOptions): Promise<QueueRunner<Task, Result>> => {
  // Importing a package does nothing: what it depends on is loaded where it is needed.
  const { openRunner } = await import('./runner.ts');
  return openRunner(options);
};
