import type { TaskHandler } from '@impflow/core';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { WorkerEvent } from './events.ts';
import { movedToWait } from './moved-to-wait.ts';
import type { Outcome, Payload } from './payload.ts';
import { refuse } from './refuse.ts';
import { isRetryable, sentError } from './task-error.ts';
import { throttle } from './throttle.ts';

/**
 * Reason for which the handler of a task is stopped. `lost`: another worker may run the task. `returned`: the task is
 * put back into the queue.
 */
type StopReason = 'lost' | 'returned';

/** The tasks that this worker runs and whose locks it holds. */
interface OwnedTasks<Task, Result> {
  /** Runs a job. BullMQ's worker calls this function as its processor. */
  readonly run: (job: Job<Payload<Task>, Outcome<Result>>, token: string) => Promise<Outcome<Result>>;
  /** Aborts the handler of a task whose lock has expired, so that another worker may run the task. */
  readonly lost: (id: string) => void;
  /** Aborts the earlier run of a job if this worker receives the job a second time. */
  readonly again: (id: string) => void;
  /**
   * Aborts all handlers and puts their tasks back into the queue. Tasks that this worker receives later are also put
   * back.
   */
  readonly giveBack: () => void;
  /** Removes a task from the list, because Redis has stored its result or its error. */
  readonly settled: (id: string) => void;
  /** Number of handlers that run now. */
  readonly running: () => number;
}

/** Minimum time between two reports of the progress of a task, in milliseconds. */
const PROGRESS_MS = 1_000;
/**
 * How long a handler may take to stop after its signal is aborted, in milliseconds. Then the task is put back into the
 * queue, even if the handler still runs.
 */
const STOP_MS = 5_000;

interface Owned<Task> {
  readonly task: Task;
  readonly controller: AbortController;
  reason?: StopReason;
  /** Whether the handler has ended, so that its result or its error is being sent to Redis. */
  ended: boolean;
}

/** Options of {@link ownTasks}: options of the worker, and the names of the connected workers. */
interface OwnTasksOptions<Task> {
  readonly worker: string;
  readonly refuses: (task: Task) => Promise<string | undefined>;
  readonly connected: () => Promise<readonly string[] | undefined>;
  readonly onEvent: (event: WorkerEvent<Task>) => void;
}

/** Runs the tasks of a worker, and keeps the list of the tasks whose locks the worker holds. */
export const ownTasks = <Task, Result>(
  handler: TaskHandler<Task, Result>,
  { worker, refuses, connected, onEvent }: OwnTasksOptions<Task>,
): OwnedTasks<Task, Result> => {
  const owned = new Map<string, Owned<Task>>();
  let stopping = false;

  const stop = (one: Owned<Task>, reason: StopReason): void => {
    if (one.ended || one.reason !== undefined) return;
    one.reason = reason;
    one.controller.abort(new DOMException(WHY[reason], 'AbortError'));
  };

  const run = async (job: Job<Payload<Task>, Outcome<Result>>, token: string): Promise<Outcome<Result>> => {
    const id = job.id!;
    const { task, refusals } = job.data;
    const reason = stopping ? undefined : await reasonOf(task);
    if (reason !== undefined) {
      if (refusals?.reasons[worker] === undefined) onEvent({ type: 'refused', id, task, message: reason });
      return refuse(job, token, { worker, reason, connected });
    }
    const one: Owned<Task> = { task, controller: new AbortController(), ended: false };
    const { signal } = one.controller;
    const progress = throttle(PROGRESS_MS, (done: number) => job.updateProgress(done));
    try {
      if (stopping) one.reason = 'returned';
      else {
        owned.set(id, one);
        onEvent({ type: 'started', id, task });
        const handled = handler(task, { signal, onProgress: progress.push });
        const result = await Promise.race([handled, stoppedLate(signal)]);
        // A result that cannot be written as JSON counts as an error of the handler.
        JSON.stringify(result);
        return { result };
      }
      throw new WaitingError();
    } catch (error) {
      if (one.reason === undefined) throw isRetryable(error) ? retry(error, worker) : fail(error, worker);
      // If the handler was aborted, its error is not an error of the task. If only a response of Redis was lost, this
      // worker may count a task as lost although it still holds the lock of the task.
      if (await movedToWait(job, token)) onEvent({ type: 'returned', id, task });
      owned.delete(id);
      throw new WaitingError();
    } finally {
      progress.stop();
      one.ended = true;
    }
  };

  const reasonOf = async (task: Task): Promise<string | undefined> => {
    try {
      return await refuses(task);
    } catch (error) {
      throw fail(error, worker);
    }
  };

  const lost = (id: string): void => {
    const one = owned.get(id);
    if (one?.ended === true) owned.delete(id);
    if (one === undefined || one.reason !== undefined) return;
    stop(one, 'lost');
    onEvent({ type: 'lost', id, task: one.task });
  };

  return {
    run,
    lost,
    again: (id) => {
      if (owned.get(id)?.ended === false) lost(id);
    },
    giveBack: () => {
      stopping = true;
      for (const one of owned.values()) stop(one, 'returned');
    },
    settled: (id) => void owned.delete(id),
    running: () => [...owned.values()].filter(({ ended }) => !ended).length,
  };
};

const WHY: Readonly<Record<StopReason, string>> = {
  lost: 'This worker no longer owns the task.',
  returned: 'The worker stops.',
};

const retry = (error: unknown, worker: string): Error => new Error(sentError(error, worker));
const fail = (error: unknown, worker: string): Error => new UnrecoverableError(sentError(error, worker));

/**
 * Returns a promise that rejects `STOP_MS` milliseconds after the signal is aborted. The promise ends the wait for a
 * handler that ignores its signal.
 */
const stoppedLate = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), STOP_MS).unref(), { once: true });
  });
