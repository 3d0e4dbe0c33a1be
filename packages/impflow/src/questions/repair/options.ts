import { FlowError, nearest } from '@impflow/core';
import { printable, type ColumnSpec } from '@impflow/tables';
import { isRecord } from '../../json/schema.ts';
import { checkArguments, wholeNumber, type Arguments } from '../../options/check-arguments.ts';
import type { RepairOptions } from './types.ts';

/** Checks of the options of `repair`. */
const REPAIRING: Arguments = {
  alpha: {
    expected: 'a number above 0 and below 1',
    fits: (value) => Number(value) === value && value > 0 && value < 1,
  },
  costs: {
    expected: 'an object with a number above 0 for each column that it names',
    fits: (value) =>
      isRecord(value) && Object.values(value).every((cost) => Number.isFinite(cost) && (cost as number) > 0),
  },
  fixed: {
    expected: 'a list of names of columns',
    fits: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  },
  conditions: { expected: 'true or false', fits: (value) => typeof value === 'boolean' },
  draws: wholeNumber(1),
  seed: wholeNumber(0),
};

/** A column that `repair` may change. */
export interface Changeable {
  readonly spec: ColumnSpec;
  readonly cost: number;
}

/**
 * Checks the options of `repair`, and returns the columns that may change, in the order of the model.
 *
 * @throws `option` for a wrong option, for a name that is not a column of the model, and if no column may change.
 */
export const changeableColumns = (columns: readonly ColumnSpec[], options: RepairOptions): readonly Changeable[] => {
  checkArguments('impflow/repair', options, REPAIRING);
  const { costs = {}, fixed = [], conditions = false } = options;
  assertColumns('costs', Object.keys(costs), columns);
  assertColumns('fixed', fixed, columns);
  const changeable = columns.filter(({ name, given }) => !fixed.includes(name) && (conditions || given !== true));
  if (changeable.length === 0)
    throw new FlowError('option', 'impflow/repair', 'No column may change', {
      expected: 'at least one column that is not fixed',
      got: `${fixed.length} fixed columns`,
      hint: 'Name fewer columns in the option fixed.',
    });
  return changeable.map((spec) => ({ spec, cost: Object.hasOwn(costs, spec.name) ? costs[spec.name]! : 1 }));
};

const assertColumns = (option: string, names: readonly string[], columns: readonly ColumnSpec[]): void => {
  const known = columns.map(({ name }) => name);
  const other = names.find((name) => !known.includes(name));
  if (other === undefined) return;
  const near = nearest(other, known);
  throw new FlowError('option', 'impflow/repair', `Wrong name in the option ${option}`, {
    expected: `columns of the model: ${known.map(printable).join(', ')}`,
    got: `"${printable(other)}"`,
    hint: near === undefined ? 'Leave it out.' : `Did you mean "${near}"?`,
  });
};
