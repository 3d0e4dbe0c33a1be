import { setTimeout as pause } from 'node:timers/promises';
import { FlowError, type TaskHandler } from '@impflow/core';
import type { RedisAccess } from './address.ts';
import { openConnection } from './connection.ts';
import { EndableWorker } from './endable-worker.ts';
import type { WorkerEvent } from './events.ts';
import { DEFAULT_QUEUE, MAX_LOSSES } from './job-options.ts';
import { ownTasks } from './own-tasks.ts';
import type { Outcome, Payload } from './payload.ts';
import { queueName } from './queue-name.ts';
import { receivedError } from './task-error.ts';
import { within } from './within.ts';

/** The queue, how to reach it, and what to do with its tasks. */
export interface QueueWorkerOptions<Task = unknown, Result = unknown> {
  /** Address of Redis or Valkey: `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS. */
  readonly url: string;
  /** Name of the queue. Default: `impflow`. */
  readonly queue?: string;
  /** Credentials besides the address. */
  readonly connection?: RedisAccess;
  /** Name of this worker, in errors of its tasks. Default: the host and the process, `host:1234`. */
  readonly name?: string;
  /** How many tasks run at the same time. Default: 1. */
  readonly concurrency?: number;
  /**
   * Time in milliseconds after which a worker without a sign of life counts as lost. Its tasks run again after one to
   * two times this time. The thread that called `startWorker` gives a sign of life twice in this time. So a handler
   * must compute in another process or thread. If Redis is away for longer, running tasks start again. Default: 30,000.
   */
  readonly lockMs?: number;
  /**
   * Computes a task. An error fails the task, unless its code is `worker`: then the task runs up to three times more.
   * A handler must end soon after its signal is aborted.
   */
  readonly handler: TaskHandler<Task, Result>;
  /** Receives events. Default: none. */
  readonly onEvent?: (event: WorkerEvent<Task>) => void;
}

/** How a worker ends. */
export interface WorkerCloseOptions {
  /** Whether to stop the running handlers and give their tasks back to the front of the queue. Default: false. */
  readonly giveBack?: boolean;
}

/** A worker that runs. */
export interface QueueWorker {
  /** Name of this worker. */
  readonly name: string;
  /** How many tasks run now. */
  readonly active: number;
  /**
   * Takes no more tasks, and resolves when the running tasks are finished and the connections are closed. With
   * `giveBack`, it resolves within some ten seconds, and all unfinished tasks are back in the queue. A second call with
   * `giveBack` may be made while the first call waits.
   */
  close(options?: WorkerCloseOptions): Promise<void>;
}

/** How long closing may take after the running tasks have ended, in milliseconds. */
const END_MS = 10_000;

/** See `startWorker`. This module loads BullMQ, which adds global variables. */
export const openQueueWorker = async <Task, Result>({
  url,
  queue = DEFAULT_QUEUE,
  connection: access = {},
  name = defaultName(),
  concurrency = 1,
  lockMs = 30_000,
  handler,
  onEvent = () => undefined,
}: QueueWorkerOptions<Task, Result>): Promise<QueueWorker> => {
  const at = 'queue/startWorker';
  queueName(queue, at);
  atLeast(concurrency, 1, 'concurrency', at);
  atLeast(lockMs, 500, 'lockMs', at);
  const connection = await openConnection(url, access, onEvent, at);
  const tasks = ownTasks<Task, Result>(handler, name, onEvent);
  const worker = new EndableWorker<Payload<Task>, Outcome<Result>>(queue, (job, token) => tasks.run(job, token!), {
    connection: connection.client,
    skipVersionCheck: true,
    // Redis takes no spaces in a name.
    name: name.replace(/\s+/g, '-'),
    concurrency,
    lockDuration: lockMs,
    // An expired lock is found at one check, and its task is given to another worker at the next check.
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
    // Redis refuses the end of a task that this worker no longer owns, or that Redis has lost.
    const [, id] = /job ([0-9a-f]{64})/.exec(error.message) ?? [];
    if (id === undefined) connection.report(error);
    else tasks.lost(id);
  });

  // BullMQ's `close` waits forever if Redis does not answer.
  const hurry = new AbortController();
  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const finished = worker.close();
    const idle = async (): Promise<void> => {
      while (tasks.running() > 0 && !hurry.signal.aborted) await pause(50, undefined, { ref: false });
    };
    await Promise.race([finished, idle().then(() => within(END_MS, finished))]);
    await worker.stopRenewal();
    await within(1_000, worker.getBackend().close(true));
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
  throw new FlowError('option', at, `Wrong ${option}`, { expected: `an integer from ${least}`, got: String(value) });
};
