import { setTimeout as pause } from 'node:timers/promises';
import { FlowError } from '@impflow/core';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { movedToWait } from './moved-to-wait.ts';
import type { Payload } from './payload.ts';
import { sentError } from './task-error.ts';

/** How long every connected worker must refuse a task before it fails: another worker may be about to start. */
const GRACE_MS = 10_000;
/** How long a worker that refused a task takes no task in its place, so that other workers take the task first. */
const REFUSED_MS = 500;

/** The worker that refuses a task. */
interface Refusing {
  /** Name of the worker. */
  readonly worker: string;
  /** Why the worker cannot run the task, in words. */
  readonly reason: string;
  /** Returns the names of the workers that are connected, or undefined if Redis does not tell. */
  readonly connected: () => Promise<readonly string[] | undefined>;
}

/**
 * Puts a task that this worker cannot run back into the queue, for other workers. Always throws: an error for BullMQ,
 * which ends the run of the job in this worker. If all connected workers have refused the task for ten seconds, the task
 * fails with the reasons of all workers.
 */
export const refuse = async <Task>(
  job: Job<Payload<Task>>,
  token: string,
  { worker, reason, connected }: Refusing,
): Promise<never> => {
  const { since, reasons: earlier } = job.data.refusals ?? { since: Date.now(), reasons: {} };
  const reasons = { ...earlier, [worker]: reason };
  if (Date.now() - since >= GRACE_MS && (await connected())?.every((name) => Object.hasOwn(reasons, name)) === true) {
    const error = new FlowError('input', 'queue/run', 'No connected worker runs the task', {
      expected: 'a worker that accepts it',
      got: Object.entries(reasons)
        .map(([name, why]) => `${name}: ${why}`)
        .join('; '),
      hint: 'Start a worker that may run the task.',
    });
    throw new UnrecoverableError(sentError(error, worker));
  }
  await job.updateData({ ...job.data, refusals: { since, reasons } });
  await movedToWait(job, token);
  await pause(REFUSED_MS, undefined, { ref: false });
  throw new WaitingError();
};
