import { FlowError, shown } from '@impflow/core';
import { isRecord } from './json/schema.ts';
import { wholeNumber, type Argument, type Arguments } from './options/check-arguments.ts';
import { MOST_NUMBERS } from './options/limits.ts';

const SEED = wholeNumber(0);

/** The contents of an event are checked where the event is read. */
const GIVEN: Argument = {
  expected: 'an event, such as "age > 40" or { age: { above: 40 } }',
  fits: (value) => typeof value === 'string' || isRecord(value),
};
/** Options of `score`. */
export const SCORING: Arguments = {
  given: GIVEN,
  onRemark: { expected: 'a function', fits: (value) => typeof value === 'function' },
};
/** Options of `sample`. */
export const SAMPLING: Arguments = {
  given: { ...GIVEN, expected: `one row as an object, or ${GIVEN.expected}` },
  seed: SEED,
  // Its range is checked where rows are drawn.
  temperature: { expected: 'a number', fits: (value) => typeof value === 'number' },
};
/** Options of `impute`. */
export const IMPUTING: Arguments = { given: GIVEN, draws: wholeNumber(1), seed: SEED };
/** Options of `judgeSynthetic`. */
export const JUDGING: Arguments = { seed: SEED };
/** Options of `probability`. */
export const ASKING: Arguments = { given: GIVEN, draws: wholeNumber(1000, 10_000_000), seed: SEED };
/** Options of `save`. */
export const SAVING: Arguments = { force: { expected: 'true or false', fits: (value) => typeof value === 'boolean' } };

/** @throws `option` for a count that is not a whole number of rows, and for more numbers than fit into memory. */
export const assertCount = (count: unknown, columns: number): void => {
  const { expected, fits } = wholeNumber(1, Math.floor(MOST_NUMBERS / columns));
  if (fits(count)) return;
  throw new FlowError('option', 'impflow/sample', 'Wrong number of rows', {
    expected,
    got: shown(count),
    hint: 'Write sample(100, { seed: 1 }).',
  });
};
