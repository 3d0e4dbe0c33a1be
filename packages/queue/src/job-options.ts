import type { JobsOptions } from 'bullmq';

/** Name of the queue if none is given. */
export const DEFAULT_QUEUE = 'impflow';

/**
 * How long Redis keeps results and errors, so that a restarted submitting program finds them: a day, at most 100,000
 * results and 10,000 errors. Older results and errors are dropped when a task ends.
 */
const DAY = 24 * 60 * 60;

/** Options of every task. */
export const JOB_OPTIONS: JobsOptions = {
  // A task has one run, and up to three more runs if the computing process is lost.
  attempts: 4,
  removeOnComplete: { age: DAY, count: 100_000 },
  removeOnFail: { age: DAY, count: 10_000 },
  // Stack traces would be stored for every attempt, and they concern only the program of the worker.
  stackTraceLimit: 0,
};

/** Approximate number of events that Redis keeps. Each task has four or more events. */
export const EVENTS_KEPT = 10_000;

/** Maximum number of times that a task may be lost because its worker died or stalled. */
export const MAX_LOSSES = 100;
