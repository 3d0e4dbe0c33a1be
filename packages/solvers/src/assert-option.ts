import { FlowError } from '@impflow/core';

/** Throws an `option` error unless `holds` is true and `got` is a number. JSON may hold another type. */
export const assertOption = (holds: boolean, caller: string, name: string, expected: string, got: number): void => {
  if (!holds || typeof got !== 'number')
    throw new FlowError('option', `solvers/${caller}`, `Wrong ${name}`, { expected, got: String(got) });
};
