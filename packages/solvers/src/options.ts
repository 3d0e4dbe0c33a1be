import { FlowError } from '@impflow/core';

/** Throws an `option` error unless `holds` is true and `got` is a number. JSON may hold another type. */
export const assertOption = (holds: boolean, at: string, name: string, expected: string, got: number): void => {
  if (!holds || typeof got !== 'number')
    throw new FlowError('option', `solvers/${at}`, `Wrong ${name}`, { expected, got: String(got) });
};

/** Throws an `option` error where an option of `solve` is out of range. */
export const assertSolveOptions = ({
  atol,
  rtol,
  maxSteps,
  fallbackSteps,
  checkEvery,
  divergence,
}: Readonly<Record<'atol' | 'rtol' | 'maxSteps' | 'fallbackSteps' | 'checkEvery' | 'divergence', number>>): void => {
  assertOption(atol >= 0, 'solve', 'atol', 'a number >= 0', atol);
  assertOption(rtol >= 0, 'solve', 'rtol', 'a number >= 0', rtol);
  for (const [name, count] of Object.entries({ maxSteps, fallbackSteps, checkEvery }))
    assertOption(Number.isInteger(count) && count > 0, 'solve', name, 'a positive integer', count);
  assertOption(divergence > 1, 'solve', 'divergence', 'a number above 1', divergence);
};
