import { FlowError, type ErrorCode, type ErrorDetail } from '@impflow/core';

/** An error with its own HTTP status. */
export interface Refusal extends FlowError {
  readonly status: number;
}

/** An error that is answered with this status: see `answerErrors`. */
export const refusal = (status: number, what: string, detail: ErrorDetail = {}): Refusal =>
  Object.assign(new FlowError(status >= 500 ? 'unsupported' : 'input', 'serve', what, detail), { status });

/** Statuses of errors that do not have their own. All other errors are faults of the server. */
const STATUS: Partial<Readonly<Record<ErrorCode, number>>> = { input: 400, option: 400, shape: 400 };

/** The status of an error of this workspace. */
export const statusOf = (error: FlowError): number => (error as Partial<Refusal>).status ?? STATUS[error.code] ?? 500;
