import { FlowError } from '@impflow/core';

/** Checks a name of a queue. */
export const queueName = (name: string, at: string): void => {
  if (/^[\w.-]{1,100}$/.test(name)) return;
  throw new FlowError('option', at, 'Wrong name of a queue', {
    expected: 'letters, digits, ".", "_" and "-"',
    got: `"${name}"`,
  });
};
