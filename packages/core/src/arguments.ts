import { FlowError } from './errors.ts';
import { shown } from './shown.ts';

// Callers without types may give any value. Without these checks, the message would be "Cannot read properties of
// undefined".

/** Throws an `input` error, from `at`, if an argument is not an object. `what` names the argument, such as `options`. */
export const assertRecord = (at: string, what: string, value: unknown): void => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new FlowError('input', at, `Wrong ${what}`, { expected: 'an object', got: shown(value) });
};

/** Throws an `input` error, from `at`, if a path is not a string. */
export const assertPath = (at: string, path: unknown): void => {
  if (typeof path === 'string') return;
  throw new FlowError('input', at, 'Wrong path', { expected: 'a string', got: shown(path) });
};
