import { FlowError, isFlowError } from '@impflow/core';

/** An error as plain data, for messages between processes. */
export type SentError =
  | { readonly message: string }
  | Pick<FlowError, 'code' | 'at' | 'what' | 'expected' | 'got' | 'hint'>;

/** Converts an error to plain data. */
export const sentError = (error: unknown): SentError => {
  if (!isFlowError(error)) return { message: String(error) };
  const { code, at, what, expected, got, hint } = error;
  return {
    code,
    at,
    what,
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    ...(hint === undefined ? {} : { hint }),
  };
};

/** Restores the error that {@link sentError} has converted to data. */
export const receivedError = (sent: SentError): Error =>
  'message' in sent ? new Error(sent.message) : new FlowError(sent.code, sent.at, sent.what, sent);
