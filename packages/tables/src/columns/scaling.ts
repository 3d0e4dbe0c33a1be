import { FlowError } from '@impflow/core';
import type { Table } from '../frame/table.ts';
import { describeColumns } from './columns.ts';

/** Standardizes columns: `(x - mean) / scale`. The log-determinant of a row is `-sum log scale`. */
export interface Scaling {
  /** Mean of each column, `[columns]`. */
  readonly mean: readonly number[];
  /** Standard deviation of each column, `[columns]`, all above 0. */
  readonly scale: readonly number[];
}

/**
 * Returns mean and standard deviation of each column. Fit it on the training rows only and keep it with the model.
 *
 * @remarks Two passes in double precision: a mean far from zero costs no digits.
 * @throws `input` for fewer than two rows, or for a column that is constant or has missing or infinite values.
 */
export const fitScaling = (table: Table): Scaling => {
  const { rows, source } = table;
  if (rows < 2)
    throw new FlowError('input', 'tables/fitScaling', `Too few rows in ${source}`, {
      expected: 'at least 2',
      got: String(rows),
      hint: 'A spread needs two rows.',
    });
  const summaries = describeColumns(table);
  for (const { name, min, max, missing } of summaries) {
    const of = `the column "${name}" of ${source}`;
    if (missing > 0 || min === -Infinity || max === Infinity) {
      throw new FlowError('input', 'tables/fitScaling', `Cannot standardise ${of}`, {
        expected: 'finite numbers',
        got: missing > 0 ? `${missing} missing` : 'Infinity',
        hint: 'Repair or remove those rows.',
      });
    }
    if (min === max) {
      const others = summaries.filter((other) => other.min !== other.max).map((other) => other.name);
      throw new FlowError('input', 'tables/fitScaling', `Nothing to learn in ${of}`, {
        expected: 'values that differ',
        got: `${min + (table.offsets?.[name] ?? 0)} in every row`,
        hint:
          others.length === 0
            ? 'Bring columns that vary.'
            : `Leave it out with the option columns: ${others.join(',')}`,
      });
    }
  }
  return {
    mean: summaries.map(({ mean }) => mean),
    scale: summaries.map(({ standardDeviation }) => standardDeviation),
  };
};
