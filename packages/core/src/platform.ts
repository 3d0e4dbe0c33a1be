import { FlowError } from './errors.ts';

// Node's own modules are asked for with `process.getBuiltinModule` everywhere: an `import('node:…')`, however well hidden, stops
// some bundlers for the browser, and the others put an empty module in its place.

/** Whether this is Node, or something that passes for it: there are files, and no page. */
export const inNode = (): boolean => typeof process === 'object' && process.versions?.node !== undefined;

/** @throws `unsupported`, from `at`, where there is no Node and so no files. */
export const assertNode = (at: string, hint: string): void => {
  if (inNode()) return;
  throw new FlowError('unsupported', at, 'There are no files here', { expected: 'Node', got: 'a browser', hint });
};
