import { FlowError, isFlowError, type ErrorCode, type ErrorDetail } from '@impflow/core';

/** An error as plain data. A message between threads would lose the class and the fields of an error object. */
export type CarriedError =
  | { readonly code: ErrorCode; readonly at: string; readonly what: string; readonly detail: ErrorDetail }
  | { readonly message: string };

/** Converts an error to plain data, which can be sent to another thread. */
export const carried = (error: unknown): CarriedError => {
  if (!isFlowError(error)) return { message: error instanceof Error ? error.message : String(error) };
  const { code, at, what, expected, got, hint } = error;
  const detail = Object.fromEntries(Object.entries({ expected, got, hint }).filter(([, text]) => text !== undefined));
  return { code, at, what, detail };
};

/** Converts the plain data of a sent error back to an error. */
export const received = (error: CarriedError): Error =>
  'code' in error ? new FlowError(error.code, error.at, error.what, error.detail) : new Error(error.message);
