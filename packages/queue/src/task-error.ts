import { FlowError, isFlowError, type ErrorCode } from '@impflow/core';

/** The error of a task, in the form in which it is stored in Redis. */
interface Sent {
  readonly code: ErrorCode;
  readonly at: string;
  readonly what: string;
  readonly expected?: string;
  readonly got?: string;
  readonly hint?: string;
  /** Name of the worker that ran the task. */
  readonly worker: string;
}

/**
 * Whether another run of the task may succeed. Another run may succeed if the process that computed the task was lost.
 */
export const isRetryable = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === 'worker';

/** Returns the error of a handler as JSON text. */
export const sentError = (error: unknown, worker: string): string => {
  const sent: Sent = isFlowError(error)
    ? {
        code: error.code,
        at: error.at,
        what: error.what,
        ...(error.expected === undefined ? {} : { expected: error.expected }),
        ...(error.got === undefined ? {} : { got: error.got }),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        worker,
      }
    : { code: 'worker', at: 'queue/run', what: `A task failed: ${messageOf(error)}`, worker };
  return JSON.stringify(sent);
};

/** Converts text that {@link sentError} returned to an error. */
export const receivedError = (text: string): FlowError => {
  const sent = parsed(text);
  if (sent === undefined) {
    return new FlowError('worker', 'queue/run', 'A task failed', {
      got: /stalled more than/.test(text) ? 'the loss of every worker that ran it' : text,
    });
  }
  const { code, at, what, worker, hint, ...contrast } = sent;
  const where = `Reported by worker ${worker}.`;
  return new FlowError(code, at, what, { ...contrast, hint: hint === undefined ? where : `${hint} ${where}` });
};

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 2_000);

const parsed = (text: string): Sent | undefined => {
  try {
    const sent = JSON.parse(text) as Partial<Sent> | null;
    return typeof sent?.code === 'string' && typeof sent.what === 'string' ? (sent as Sent) : undefined;
  } catch {
    return undefined;
  }
};
