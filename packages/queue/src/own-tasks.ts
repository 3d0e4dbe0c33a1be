import type { TaskHandler } from '@impflow/core';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { WorkerEvent } from './events.ts';
import type { Outcome, Payload } from './payload.ts';
import { isRetryable, sentError } from './task-error.ts';
import { throttle } from './throttle.ts';

/** Why a handler is stopped. */
type StopReason = 'lost' | 'returned';

/** The tasks that this worker owns. */
interface OwnedTasks<Task, Result> {
  /** Runs a job. This is the processor of BullMQ's worker. */
  readonly run: (job: Job<Payload<Task>, Outcome<Result>>, token: string) => Promise<Outcome<Result>>;
  /** Aborts the signal of the handler of a task that another worker may have. */
  readonly lost: (id: string) => void;
  /** Aborts the signal of an earlier run of a job that this worker gets again. */
  readonly again: (id: string) => void;
  /** Aborts the signals of all handlers, also of handlers that start later, and gives their tasks back. */
  readonly giveBack: () => void;
  /** Forgets a task whose end Redis has stored. */
  readonly settled: (id: string) => void;
  /** How many handlers run. */
  readonly running: () => number;
}

/** Time between two reports of progress, in milliseconds. */
const PROGRESS_MS = 1_000;
/**
 * How long a handler may take to stop, in milliseconds. After this time its task is given back, even if the handler
 * still runs.
 */
const STOP_MS = 5_000;

interface Owned<Task> {
  readonly task: Task;
  readonly controller: AbortController;
  reason?: StopReason;
  /** Whether the handler has ended, and Redis is being notified. */
  ended: boolean;
}

export const ownTasks = <Task, Result>(
  handler: TaskHandler<Task, Result>,
  worker: string,
  onEvent: (event: WorkerEvent<Task>) => void,
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
    const { task } = job.data;
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
        // A result that cannot be written as JSON is a failure of the handler.
        JSON.stringify(result);
        return { result };
      }
      throw new WaitingError();
    } catch (error) {
      if (one.reason === undefined) throw isRetryable(error) ? retry(error, worker) : fail(error, worker);
      // The end of a stopped handler is never a failure of its task. A task that seems lost may still belong to this
      // worker, if only an answer of Redis was lost.
      if (await movedToWait(job, token)) onEvent({ type: 'returned', id, task });
      owned.delete(id);
      throw new WaitingError();
    } finally {
      progress.stop();
      one.ended = true;
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

/** Gives a job back to the queue. Returns false if another worker has it. */
const movedToWait = async (job: Job, token: string): Promise<boolean> => {
  try {
    await job.moveToWait(token);
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'number') return false;
    throw error;
  }
};

const retry = (error: unknown, worker: string): Error => new Error(sentError(error, worker));
const fail = (error: unknown, worker: string): Error => new UnrecoverableError(sentError(error, worker));

/** Rejects `STOP_MS` after the signal was aborted, for a handler that ignores its signal. */
const stoppedLate = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), STOP_MS).unref(), { once: true });
  });
