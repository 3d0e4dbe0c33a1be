import { FlowError } from '@impflow/core';

/** Throws an `option` error unless `holds`. */
export const assertOption = (holds: boolean, at: string, name: string, expected: string, got: number): void => {
  if (!holds) throw new FlowError('option', `solvers/${at}`, `Wrong ${name}`, { expected, got: String(got) });
};
