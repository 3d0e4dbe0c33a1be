import type { QueueRunner, QueueRunnerOptions } from './runner.ts';

/**
 * Submits tasks to a queue on Redis. Any number of tasks may be submitted at the same time; a thousand take some 0.3 s.
 *
 * Equal tasks count as one task ({@link taskId}). If a task is submitted again while it waits or runs, both calls get
 * its result. If it was finished within a day, the stored result is returned immediately. If it failed, it is tried
 * again. So a program that was killed and started again resumes its work.
 *
 * @remarks A task runs at least once. It runs again after the loss of its worker, and a worker that was suspended may
 * still run it at the same time. Each run must give the same result and the same files. A task that Redis loses is
 * submitted again.
 *
 * A task that is aborted leaves the queue. If a worker runs it already, the worker finishes it.
 *
 * @throws `option`: wrong address, name, password or certificate; `worker`: no Redis after five seconds; `unsupported`:
 *   Redis older than 6.2, or a cluster. After the start, the runner waits for Redis forever.
 */
export const queueRunner = async <Task, Result>(options: QueueRunnerOptions): Promise<QueueRunner<Task, Result>> => {
  // Importing this package has no effects: it loads its dependencies when they are needed.
  const { openRunner } = await import('./runner.ts');
  return openRunner(options);
};
