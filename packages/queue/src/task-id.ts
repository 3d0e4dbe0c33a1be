import { FlowError } from '@impflow/core';

/**
 * Returns the name of a task in its queue: the SHA-256 of its JSON with sorted keys. Equal tasks have equal names, so a
 * task that is submitted twice runs only once.
 *
 * @throws `input` for a task that cannot be written as JSON, such as a function or a cycle.
 */
export const taskId = (task: unknown): string => {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(canonical(task)).digest('hex');
};

const canonical = (task: unknown): string => {
  let text: string | undefined, reason: unknown;
  try {
    text = JSON.stringify(task, sorted);
  } catch (error) {
    reason = error;
  }
  if (text === undefined) {
    throw new FlowError('input', 'queue/run', 'A task cannot be written as JSON', {
      expected: 'plain values, arrays and records',
      got: reason instanceof Error ? reason.message.split('\n')[0]! : typeof task,
    });
  }
  return text;
};

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
