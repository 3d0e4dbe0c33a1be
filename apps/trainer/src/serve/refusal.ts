import { FlowError, type ErrorCode, type ErrorDetail } from '@impflow/core';

/** An error with its own HTTP status. */
export interface Refusal extends FlowError {
  readonly status: number;
}

/** Makes an error with an HTTP status. `answerErrors` sends the response with this status. */
export const refusal = (status: number, what: string, detail: ErrorDetail = {}): Refusal =>
  Object.assign(new FlowError(status >= 500 ? 'unsupported' : 'input', 'serve', what, detail), { status });

/**
 * HTTP statuses by error code, for errors that have no HTTP status themselves. Errors with other codes are faults of
 * the server.
 */
const STATUS: Partial<Readonly<Record<ErrorCode, number>>> = { input: 400, option: 400, shape: 400 };

/** Returns the HTTP status of a `FlowError`. */
export const statusOf = (error: FlowError): number => (error as Partial<Refusal>).status ?? STATUS[error.code] ?? 500;
