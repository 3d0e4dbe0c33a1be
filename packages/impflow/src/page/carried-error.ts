import { FlowError, isFlowError, type ErrorCode, type ErrorDetail } from '@impflow/core';

/** An error as plain data, because a message between threads keeps neither the class nor the fields of an error. */
export type CarriedError =
  | { readonly code: ErrorCode; readonly at: string; readonly what: string; readonly detail: ErrorDetail }
  | { readonly message: string };

/** Converts an error to plain data. */
export const carried = (error: unknown): CarriedError => {
  if (!isFlowError(error)) return { message: error instanceof Error ? error.message : String(error) };
  const { code, at, what, expected, got, hint } = error;
  const detail = Object.fromEntries(Object.entries({ expected, got, hint }).filter(([, text]) => text !== undefined));
  return { code, at, what, detail };
};

/** Converts plain data back to the error that was sent. */
export const received = (error: CarriedError): Error =>
  'code' in error ? new FlowError(error.code, error.at, error.what, error.detail) : new Error(error.message);
