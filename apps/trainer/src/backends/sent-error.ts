import { FlowError, isFlowError } from '@impflow/core';

/** An error as data, for a message between processes. */
export type Sent = { readonly message: string } | Pick<FlowError, 'code' | 'at' | 'what' | 'expected' | 'got' | 'hint'>;

/** An error as data. */
export const plain = (error: unknown): Sent => {
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

/** The error of {@link plain}. */
export const asError = (sent: Sent): Error =>
  'message' in sent ? new Error(sent.message) : new FlowError(sent.code, sent.at, sent.what, sent);
