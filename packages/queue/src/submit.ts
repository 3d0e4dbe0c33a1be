import { setTimeout as pause } from 'node:timers/promises';
import { FlowError } from '@impflow/core';
import { Job, type Queue } from 'bullmq';
import type { Entries, Entry } from './entries.ts';
import { isConnectionError } from './explain.ts';
import { JOB_OPTIONS } from './job-options.ts';
import { resultIn, type Payload } from './payload.ts';
import { receivedError } from './task-error.ts';

/** Adds tasks to the queue in Redis, and looks up their states. */
export interface Submitter<Task, Result> {
  /** Submits a task. All tasks that are added in one turn of the event loop are submitted together. */
  readonly add: (entry: Entry<Task, Result>) => void;
  /**
   * Looks up the states of submitted tasks. Resolves or rejects the calls that wait for a finished task, and submits a
   * task again if Redis has lost it.
   */
  readonly check: (entries: readonly Entry<Task, Result>[]) => Promise<void>;
  /** Removes abandoned tasks from the queue. A task stays if a worker runs it or if a new call waits for it. */
  readonly drop: (entries: readonly Entry<Task, Result>[]) => Promise<void>;
  readonly stop: () => void;
}

/** Maximum number of tasks that are submitted together. */
const BATCH = 500;
/**
 * Maximum number of attempts to submit a batch that Redis refuses. Attempts that fail because the connection is lost
 * are not counted.
 */
const TRIES = 5;

export const createSubmitter = <Task, Result>(
  queue: Queue<Payload<Task>>,
  entries: Entries<Task, Result>,
): Submitter<Task, Result> => {
  const backend = queue.getBackend();
  const pending: Entry<Task, Result>[] = [];
  const life = new AbortController();
  let running = false;

  const standing = async (batch: readonly Entry<Task, Result>[]): Promise<readonly Standing[]> =>
    Promise.all(batch.map(async ({ id }) => read(await backend.isFinished(id, true))));

  const settle = (entry: Entry<Task, Result>, { state, text }: Standing): void => {
    if (state === 'done') entries.resolve(entry, resultIn(text));
    if (state === 'failed') entries.reject(entry, receivedError(text));
  };

  const check = async (all: readonly Entry<Task, Result>[]): Promise<void> => {
    for (let from = 0; from < all.length && !life.signal.aborted; from += BATCH) {
      const batch = all.slice(from, from + BATCH).filter((entry) => entry.submitted && entries.has(entry));
      const found = await standing(batch);
      for (const [i, entry] of batch.entries()) {
        const now = found[i]!;
        if (now.state !== 'missing') settle(entry, now);
        else if (entries.has(entry) && entry.submitted) {
          entry.submitted = false;
          add(entry);
        }
      }
    }
  };

  const submit = async (batch: readonly Entry<Task, Result>[]): Promise<void> => {
    const found = await standing(batch);
    const missing: Entry<Task, Result>[] = [];
    const failed: Entry<Task, Result>[] = [];
    for (const [i, entry] of batch.entries()) {
      const { state } = found[i]!;
      if (state === 'done') settle(entry, found[i]!);
      if (state === 'missing') missing.push(entry);
      if (state === 'failed') failed.push(entry);
    }
    await queue.addBulk(
      missing.map(({ id, task }) => ({ name: 'task', data: { task }, opts: { ...JOB_OPTIONS, jobId: id } })),
    );
    for (const { id } of failed) await again(queue, id);
    for (const entry of batch) entry.submitted = true;
    // The listener ignores a failure of a task that is not marked as submitted. If a task failed before it was marked,
    // this check finds the failure.
    await check(batch);
    await drop(batch.filter(({ abandoned }) => abandoned));
  };

  const drop = async (all: readonly Entry<Task, Result>[]): Promise<void> => {
    for (let from = 0; from < all.length; from += BATCH) {
      const batch = all.slice(from, from + BATCH).filter(({ id }) => entries.get(id) === undefined);
      await Promise.all(batch.map(({ id }) => queue.remove(id)));
    }
  };

  const trySubmit = async (batch: readonly Entry<Task, Result>[]): Promise<void> => {
    for (let refusals = 0; !life.signal.aborted;) {
      const open = batch.filter((entry) => entries.has(entry));
      try {
        return await submit(open);
      } catch (error) {
        if (!isConnectionError(error) && ++refusals === TRIES) {
          const refused = new FlowError('worker', 'queue/run', 'Redis refuses a task', {
            got: (error as Error).message,
          });
          for (const entry of open) entries.reject(entry, refused);
          return;
        }
        await pause(200, undefined, { ref: false });
      }
    }
  };

  const drain = async (): Promise<void> => {
    while (pending.length > 0 && !life.signal.aborted) await trySubmit(pending.splice(0, BATCH));
    running = false;
  };

  const add = (entry: Entry<Task, Result>): void => {
    pending.push(entry);
    if (running) return;
    running = true;
    // Tasks that are added in the same turn of the event loop are submitted together.
    setImmediate(() => void drain());
  };

  return {
    add,
    check,
    drop,
    stop: () => {
      life.abort();
      pending.length = 0;
    },
  };
};

/** Puts a failed task back into the queue. */
const again = async <Task>(queue: Queue<Payload<Task>>, id: string): Promise<void> => {
  const job = await Job.fromId(queue, id);
  try {
    await job?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  } catch (error) {
    // BullMQ throws an error with a numeric code if another program has put the failed task back into the queue.
    if (typeof (error as { code?: unknown }).code !== 'number') throw error;
  }
};

/** State of a task in Redis, with its result or its error if it is finished. */
interface Standing {
  readonly state: 'missing' | 'open' | 'done' | 'failed';
  readonly text: string;
}

const read = (reply: number | readonly [number, string?]): Standing => {
  const [state, text] = typeof reply === 'number' ? [reply] : reply;
  return { state: state === -1 ? 'missing' : state === 1 ? 'done' : state === 2 ? 'failed' : 'open', text: text ?? '' };
};
