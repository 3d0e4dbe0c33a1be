import { setTimeout as pause } from 'node:timers/promises';
import { FlowError, shown, type TaskHandler } from '@impflow/core';
import { Queue } from 'bullmq';
import type { RedisAccess } from './address.ts';
import { connectedWorkers } from './connected-workers.ts';
import { openConnection } from './connection.ts';
import { EndableWorker } from './endable-worker.ts';
import type { WorkerEvent } from './events.ts';
import { DEFAULT_QUEUE, MAX_LOSSES } from './job-options.ts';
import { ownTasks } from './own-tasks.ts';
import type { Outcome, Payload } from './payload.ts';
import { queueName } from './queue-name.ts';
import { receivedError } from './task-error.ts';
import { within } from './within.ts';

/** Options of `startWorker`: the address of Redis, the name of the queue, and the handler for its tasks. */
export interface QueueWorkerOptions<Task = unknown, Result = unknown> {
  /** Address of Redis or Valkey: `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS. */
  readonly url: string;
  /** Name of the queue. Default: `impflow`. */
  readonly queue?: string;
  /** User, password and certificates for Redis, if they are not in the address. */
  readonly connection?: RedisAccess;
  /**
   * Name of this worker, for error messages about its tasks. Default: the host and the process number, such as
   * `host:1234`.
   */
  readonly name?: string;
  /** Number of tasks that this worker runs at the same time. Default: 1. */
  readonly concurrency?: number;
  /**
   * Time in milliseconds after which a worker that does not renew the locks of its tasks counts as lost. Another worker
   * runs the tasks again after one to two times `lockMs`. The thread that called `startWorker` renews the locks twice
   * in this time. So a handler must compute in another process or thread. If Redis cannot be reached for longer than
   * `lockMs`, the tasks that are running are started again. Default: 30,000.
   */
  readonly lockMs?: number;
  /**
   * Computes the result of a task. If the handler throws an error, the task fails. After an error with the code
   * `worker`, the task runs again, up to three times. A handler must end within 5 seconds after its signal is aborted.
   */
  readonly handler: TaskHandler<Task, Result>;
  /**
   * Returns why this worker cannot run a task, in words, or undefined if it can. The worker leaves a task that it refuses
   * in the queue, for other workers. If all connected workers have refused the task for ten seconds, the task fails with
   * their reasons. An error of the function is an error of the task. Default: the worker runs every task.
   */
  readonly refuses?: (task: Task) => Promise<string | undefined>;
  /** Called with each event of the connection and of the worker. Default: events are ignored. */
  readonly onEvent?: (event: WorkerEvent<Task>) => void;
}

/** Options of the method `close` of a worker. */
export interface WorkerCloseOptions {
  /** Whether to stop the running handlers and put their tasks back at the front of the queue. Default: false. */
  readonly giveBack?: boolean;
}

/** A running worker. */
export interface QueueWorker {
  /** Name of this worker. */
  readonly name: string;
  /** Number of tasks that this worker runs now. */
  readonly active: number;
  /**
   * Stops the worker. The worker takes no more tasks, and the promise resolves when the running tasks are finished and
   * the connections are closed. With `giveBack`, the promise resolves within about ten seconds, and all unfinished
   * tasks are back in the queue. A second call with `giveBack` may be made while the first call waits.
   */
  close(options?: WorkerCloseOptions): Promise<void>;
}

/** How long `close` may take after the running tasks have ended, in milliseconds. */
const END_MS = 10_000;

/** Implements `startWorker`. This module imports BullMQ, which adds global variables. */
export const openQueueWorker = async <Task, Result>({
  url,
  queue = DEFAULT_QUEUE,
  connection: access = {},
  name: givenName = defaultName(),
  concurrency = 1,
  lockMs = 30_000,
  handler,
  refuses = () => Promise.resolve(undefined),
  onEvent = () => undefined,
}: QueueWorkerOptions<Task, Result>): Promise<QueueWorker> => {
  const at = 'queue/startWorker';
  // Redis does not accept spaces in the name of a client.
  const name = givenName.replace(/\s+/g, '-');
  queueName(queue, at);
  atLeast(concurrency, 1, 'concurrency', at);
  atLeast(lockMs, 500, 'lockMs', at);
  const connection = await openConnection(url, access, onEvent, at);
  const clients = new Queue(queue, { connection: connection.client, skipVersionCheck: true });
  clients.on('error', connection.report);
  const tasks = ownTasks<Task, Result>(handler, {
    worker: name,
    refuses,
    connected: () => connectedWorkers(clients),
    onEvent,
  });
  const worker = new EndableWorker<Payload<Task>, Outcome<Result>>(queue, (job, token) => tasks.run(job, token!), {
    connection: connection.client,
    skipVersionCheck: true,
    name,
    concurrency,
    lockDuration: lockMs,
    // BullMQ checks for expired locks at this interval. The first check finds an expired lock, and the next check puts
    // its task back into the queue.
    stalledInterval: Math.ceil(lockMs / 2),
    maxStalledCount: MAX_LOSSES,
    runRetryDelay: 1_000,
  });
  worker.on('active', ({ id }) => tasks.again(id!));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) tasks.lost(id);
  });
  worker.on('completed', ({ id, data: { task }, finishedOn = 0, processedOn = finishedOn }) => {
    tasks.settled(id!);
    onEvent({ type: 'done', id: id!, task, ms: finishedOn - processedOn });
  });
  worker.on('failed', (job, error) => {
    if (job === undefined) return;
    const { id, data, finishedOn } = job;
    tasks.settled(id!);
    const { message } = receivedError(error.message);
    onEvent({ type: 'failed', id: id!, task: data.task, message, retried: finishedOn === undefined });
  });
  worker.on('stalled', (id) => onEvent({ type: 'recovered', id }));
  worker.on('error', (error) => {
    // Redis returns an error for the result of a task if the lock of this worker has expired, or if Redis has lost the
    // task.
    const [, id] = /job ([0-9a-f]{64})/.exec(error.message) ?? [];
    if (id === undefined) connection.report(error);
    else tasks.lost(id);
  });

  // BullMQ's `close` waits forever if Redis does not respond.
  const hurry = new AbortController();
  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const finished = worker.close();
    const idle = async (): Promise<void> => {
      while (tasks.running() > 0 && !hurry.signal.aborted) await pause(50, undefined, { ref: false });
    };
    await Promise.race([finished, idle().then(() => within(END_MS, finished))]);
    await worker.stopRenewal();
    await within(1_000, Promise.all([worker.getBackend().close(true), clients.close()]));
    connection.close();
  };
  return Object.freeze<QueueWorker>({
    name,
    get active() {
      return tasks.running();
    },
    close: async ({ giveBack = false } = {}) => {
      ending ??= end();
      if (giveBack) {
        tasks.giveBack();
        hurry.abort();
      }
      await ending;
    },
  });
};

const defaultName = (): string => `${process.getBuiltinModule('node:os').hostname()}:${process.pid}`;

const atLeast = (value: number, least: number, option: string, at: string): void => {
  if (Number.isInteger(value) && value >= least) return;
  throw new FlowError('option', at, `Wrong ${option}`, { expected: `an integer from ${least}`, got: shown(value) });
};
