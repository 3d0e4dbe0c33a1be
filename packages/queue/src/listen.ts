import { QueueEvents, type Queue } from 'bullmq';
import type { Connection } from './connection.ts';
import type { Entries } from './entries.ts';
import { resultOf, type Payload } from './payload.ts';
import type { Submitter } from './submit.ts';
import { receivedError } from './task-error.ts';
import { within } from './within.ts';

/**
 * Time between two checks for tasks whose end event may have been missed, in milliseconds, and the largest number of
 * tasks of one check.
 */
const LOOK_MS = 15_000;
const LOOK_TASKS = 2_000;
/** How long `close` waits for a response of Redis, in milliseconds. */
const CLOSE_MS = 4_000;

/**
 * Resolves or rejects the calls that wait for a task when an event of the queue reports the end of the task. An event
 * is missed if Redis loses or drops the event before this program reads it. So the state of all tasks is looked up
 * after each reconnection to Redis, and the state of some tasks every 15 seconds.
 */
export const listen = async <Task, Result>(
  { client, report, onReturn }: Connection,
  queue: Queue<Payload<Task>>,
  entries: Entries<Task, Result>,
  { check }: Pick<Submitter<Task, Result>, 'check'>,
): Promise<{ readonly close: () => Promise<void> }> => {
  // The listener reads all events that come after the event `last`, which is the newest event at this moment. So events
  // that occur before the listener has started are also read.
  const [last] = await client.xrevrange(queue.keys['events']!, '+', '-', 'COUNT', 1);
  const events = new QueueEvents(queue.name, {
    connection: client,
    skipVersionCheck: true,
    lastEventId: last?.[0] ?? '0-0',
  });
  events.on('error', report);
  events.on('completed', ({ jobId, returnvalue }) => {
    const entry = entries.get(jobId);
    if (entry !== undefined) entries.resolve(entry, resultOf(returnvalue));
  });
  events.on('failed', ({ jobId, failedReason }) => {
    const entry = entries.get(jobId);
    if (entry?.submitted === true) entries.reject(entry, receivedError(failedReason));
  });
  events.on('progress', ({ jobId, data }) => {
    for (const { onProgress } of entries.get(jobId)?.waiters ?? []) onProgress?.(data as number);
  });
  // The event is sent if another program that had submitted the same task removes the task from the queue.
  events.on('removed', ({ jobId }) => {
    const entry = entries.get(jobId);
    if (entry !== undefined) check([entry]).catch(report);
  });

  let next = 0,
    looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    const all = entries.all();
    if (next >= all.length) next = 0;
    await check(all.slice(next, next + LOOK_TASKS)).catch(report);
    next += LOOK_TASKS;
    looking = false;
  }, LOOK_MS);
  timer.unref();
  onReturn(() => void check(entries.all()).catch(report));

  return {
    close: async () => {
      clearInterval(timer);
      // BullMQ's `close` waits forever if Redis does not respond.
      await within(CLOSE_MS, events.close());
      await within(CLOSE_MS, events.getBackend().close(true));
    },
  };
};
