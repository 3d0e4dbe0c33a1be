import { FlowError } from './errors.ts';

// Modules of Node are loaded with `process.getBuiltinModule` everywhere. If the code contains `import('node:…')`, some
// bundlers for the browser stop with an error, and others insert an empty module.

/** Returns whether the program runs in Node or on a platform that is compatible with Node. */
export const inNode = (): boolean => typeof process === 'object' && process.versions?.node !== undefined;

/**
 * Throws outside Node. `hint` describes what a page in the browser should do instead.
 *
 * @throws `unsupported`, from `at`.
 */
export const assertNode = (at: string, hint: string): void => {
  if (inNode()) return;
  throw new FlowError('unsupported', at, 'A browser has no files to read or write', {
    expected: 'Node',
    got: 'a browser',
    hint,
  });
};
