import { FlowError } from '@impflow/core';

/**
 * Throws an error if the name of a queue is empty, is longer than 100 characters, or contains a forbidden character.
 */
export const queueName = (name: string, at: string): void => {
  if (/^[\w.-]{1,100}$/.test(name)) return;
  throw new FlowError('option', at, 'Wrong name of a queue', {
    expected: 'letters, digits, ".", "_" and "-"',
    got: `"${name}"`,
  });
};
