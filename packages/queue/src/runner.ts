import { FlowError, type TaskRunner } from '@impflow/core';
import { Queue } from 'bullmq';
import { onAbort } from './abort-listeners.ts';
import type { RedisAccess } from './address.ts';
import { openConnection } from './connection.ts';
import { createEntries, type Waiter } from './entries.ts';
import type { ConnectionEvent } from './events.ts';
import { DEFAULT_QUEUE, EVENTS_KEPT } from './job-options.ts';
import { listen } from './listen.ts';
import type { Payload } from './payload.ts';
import { queueName } from './queue-name.ts';
import { createSubmitter } from './submit.ts';
import { taskId } from './task-id.ts';
import { within } from './within.ts';

/** Options of `queueRunner`: the address of Redis and the name of the queue. */
export interface QueueRunnerOptions {
  /** Address of Redis or Valkey: `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS. */
  readonly url: string;
  /** Name of the queue. Workers with this queue name run its tasks. Default: `impflow`. */
  readonly queue?: string;
  /** User, password and certificates for Redis, if they are not in the address. */
  readonly connection?: RedisAccess;
  /** Called with each event of the connection to Redis. Default: events are ignored. */
  readonly onEvent?: (event: ConnectionEvent) => void;
}

/** Numbers of tasks and workers of a queue. Tasks of all submitting programs are counted. */
export interface QueueCounts {
  /** Number of tasks that no worker has started. */
  readonly waiting: number;
  /** Number of tasks that a worker runs, or ran until the worker was lost. */
  readonly active: number;
  /** Number of connected workers. Each worker runs up to `concurrency` tasks at the same time. */
  readonly workers: number;
}

/** A {@link TaskRunner} whose tasks run on the workers of a queue. */
export interface QueueRunner<Task = unknown, Result = unknown> extends TaskRunner<Task, Result> {
  /** Counts the tasks and workers of the queue. Sends a few commands to Redis. */
  counts(): Promise<QueueCounts>;
}

/** How long `close` waits for a response of Redis, in milliseconds. */
const CLOSE_MS = 5_000;

/** Implements `queueRunner`. This module imports BullMQ, which adds global variables. */
export const openRunner = async <Task, Result>({
  url,
  queue: name = DEFAULT_QUEUE,
  connection: access = {},
  onEvent = () => undefined,
}: QueueRunnerOptions): Promise<QueueRunner<Task, Result>> => {
  const at = 'queue/queueRunner';
  queueName(name, at);
  const connection = await openConnection(url, access, onEvent, at);
  const { client, report } = connection;
  const queue = new Queue<Payload<Task>>(name, {
    connection: client,
    skipVersionCheck: true,
    streams: { events: { maxLen: EVENTS_KEPT } },
  });
  queue.on('error', report);
  const entries = createEntries<Task, Result>();
  const submitter = createSubmitter<Task, Result>(queue, entries);
  const listener = await listen(connection, queue, entries, submitter);

  let closing: Promise<void> | undefined;
  const closed = (): FlowError =>
    new FlowError('worker', 'queue/run', 'The runner was closed', { hint: 'Open another one.' });

  return Object.freeze<QueueRunner<Task, Result>>({
    run: async (task, { signal, onProgress } = {}) => {
      if (closing !== undefined) throw closed();
      signal?.throwIfAborted();
      const id = taskId(task);
      return new Promise<Result>((resolve, reject) => {
        let release = (): void => undefined;
        const waiter: Waiter<Result> = {
          resolve: (result) => {
            release();
            resolve(result);
          },
          reject: (error) => {
            release();
            reject(error);
          },
          onProgress,
        };
        const { entry, isNew } = entries.join(id, task, waiter);
        if (isNew) submitter.add(entry);
        if (signal === undefined) return;
        release = onAbort(signal, () => {
          entries.leave(entry, waiter);
          // If Redis has not stored the task yet, the submission of the task is still running. When the submission
          // ends, it removes the task.
          if (entry.abandoned && entry.submitted) submitter.drop([entry]).catch(report);
          reject(signal.reason);
        });
      });
    },
    counts: async () => {
      const [counts, workers] = await Promise.all([
        queue.getJobCounts('wait', 'delayed', 'active'),
        queue.getWorkersCount(),
      ]);
      return { waiting: (counts['wait'] ?? 0) + (counts['delayed'] ?? 0), active: counts['active'] ?? 0, workers };
    },
    close: () =>
      (closing ??= (async () => {
        submitter.stop();
        const open = entries.all();
        for (const entry of open) entries.reject(entry, closed());
        await within(CLOSE_MS, submitter.drop(open));
        await within(CLOSE_MS, Promise.all([listener.close(), queue.close()]));
        connection.close();
      })()),
  });
};
