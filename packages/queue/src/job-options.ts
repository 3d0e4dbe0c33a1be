import type { JobsOptions } from 'bullmq';

/** Default name of the queue. */
export const DEFAULT_QUEUE = 'impflow';

/**
 * How long Redis keeps results and errors: for a day, and at most 100,000 results and 10,000 errors. A submitting
 * program that is restarted finds its results in Redis. Whenever a task ends, Redis drops results and errors beyond
 * these limits.
 */
const DAY = 24 * 60 * 60;

/** Options of BullMQ for every task. */
export const JOB_OPTIONS: JobsOptions = {
  // Maximum number of runs of a task: one run, and three more runs if the process that computes the task is lost.
  attempts: 4,
  removeOnComplete: { age: DAY, count: 100_000 },
  removeOnFail: { age: DAY, count: 10_000 },
  // Stack traces are not stored. Redis would keep a stack trace for every run, and stack traces only describe the
  // program of the worker.
  stackTraceLimit: 0,
};

/** Approximate number of events of the queue that Redis keeps. Each task causes at least four events. */
export const EVENTS_KEPT = 10_000;

/** Maximum number of times that a task may be lost because its worker died or stalled. */
export const MAX_LOSSES = 100;
