import { FlowError, shown } from '@impflow/core';
import { printable, type RecordsSpec } from '@impflow/tables';
import { isRecord } from './json/schema.ts';
import { wholeNumber, type Arguments } from './options/check-arguments.ts';
import { MOST_NUMBERS } from './options/limits.ts';

const SEED = wholeNumber(0);

/** Options of `score`. */
export const SCORING: Arguments = {
  onRemark: { expected: 'a function', fits: (value) => typeof value === 'function' },
};
/** Options of `sample`. */
export const SAMPLING: Arguments = {
  given: { expected: 'one row as an object', fits: isRecord },
  seed: SEED,
  // Its range is checked where rows are drawn.
  temperature: { expected: 'a number', fits: (value) => typeof value === 'number' },
};
/** Options of `impute`. */
export const IMPUTING: Arguments = { draws: wholeNumber(1), seed: SEED };
/** Options of `judgeSynthetic`. */
export const JUDGING: Arguments = { seed: SEED };
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

/** @throws `option` for a column in `given` that is not a condition of the model. */
export const assertConditions = (given: object | undefined, { columns }: RecordsSpec): void => {
  const conditions = columns.filter((column) => column.given === true).map(({ name }) => name);
  const other = Object.keys(given ?? {}).find((name) => !conditions.includes(name));
  if (other === undefined) return;
  throw new FlowError('option', 'impflow/sample', `The column "${printable(other)}" is not a condition of this model`, {
    expected: conditions.length === 0 ? 'no conditions' : `values of ${conditions.join(', ')}`,
    got: `a value of ${printable(other)}`,
    hint: 'Leave this column out. To draw some cells of a row given its other cells, use impute.',
  });
};
