import { FlowError } from '@impflow/core';
import type { Choices } from '../options/options.ts';

/**
 * Without the option `missing`, rows with gaps (empty cells) are dropped if at most this share of the training rows has
 * gaps.
 */
const DROPPED = 0.2;
/** A table with gaps needs at least this many training rows without gaps. */
const FEWEST = 10;

/** Largest number of columns with gaps that a message names. */
const NAMED = 5;
/** A message names only columns with at least this share of the gaps of the column that has most. */
const MANY = 0.5;

/** Number of empty cells of a column. */
export interface ColumnGaps {
  readonly name: string;
  readonly gaps: number;
}

/** Number of rows with gaps (empty cells) among the training, validation and test rows. */
export interface Gaps {
  /** Number of training rows with gaps. */
  readonly train: number;
  /** Number of validation rows with gaps. */
  readonly validation: number;
  /** Number of test rows with gaps. */
  readonly test: number;
}

/**
 * Checks that enough training, validation and test rows have no gaps (empty cells).
 *
 * @param all Number of training, validation and test rows, including rows with gaps.
 * @param columns Number of empty cells of each column.
 * @throws `input` if too few rows have no gaps, or if many training rows have gaps and the option `missing` is not set.
 */
export const checkGaps = (
  source: string,
  { missing }: Pick<Choices, 'missing'>,
  gaps: Gaps,
  all: Gaps,
  columns: readonly ColumnGaps[],
): void => {
  const largest = Math.max(...columns.map((column) => column.gaps));
  const most = columns
    .filter((column) => column.gaps > 0 && column.gaps >= MANY * largest)
    .toSorted((a, b) => b.gaps - a.gaps)
    .slice(0, NAMED);
  const listed = most.map(({ name, gaps: empty }) => `"${name}" (${empty})`).join(', ');
  const names = `the columns with most gaps, by the option leaveOut: ${most.map(({ name }) => name).join(',')}`;
  const wrong = (what: string, expected: string, got: string, hint: string): FlowError =>
    new FlowError('input', 'impflow/fit', what, { expected, got, hint });
  // No value of `missing` helps in this case, so it is checked first.
  if (gaps.train > 0 && all.train - gaps.train < FEWEST)
    throw wrong(
      `Too few rows without gaps in ${source}`,
      `at least ${FEWEST} training rows`,
      `${all.train - gaps.train}; most empty cells are in ${listed}`,
      `Leave out ${names}`,
    );
  if (missing === undefined && gaps.train > DROPPED * all.train)
    throw wrong(
      `Many rows in ${source} have gaps`,
      `the option missing, if more than ${100 * DROPPED} % of the training rows have gaps`,
      `${gaps.train} of ${all.train} training rows with empty cells; most are in ${listed}`,
      `Set the option missing to drop, median or impute; or leave out ${names}`,
    );
  for (const part of ['validation', 'test'] as const)
    if (all[part] <= gaps[part])
      throw wrong(
        `No ${part} row without gaps in ${source}`,
        'at least one: densities of different sets of columns cannot be compared',
        `${gaps[part]} rows with gaps; most empty cells are in ${listed}`,
        `Leave out ${names}`,
      );
};

/**
 * Returns sentences for the user that state how rows with gaps were treated. `filled` is the number of training rows
 * whose gaps were filled.
 */
export const gapRemarks = (
  { missing = 'drop' }: Pick<Choices, 'missing'>,
  { train, validation, test }: Gaps,
  filled: number,
): readonly string[] => {
  const held = [
    ...(validation === 0 ? [] : [`${validation} validation row${validation === 1 ? '' : 's'}`]),
    ...(test === 0 ? [] : [`${test} test row${test === 1 ? '' : 's'}`]),
  ];
  const done = {
    drop: 'left out of the training',
    median: 'filled by the median of the column, or its most frequent category',
    impute: 'filled by draws given the other cells of the row',
  }[missing];
  return [
    ...(train === 0
      ? []
      : [
          `${train} training ${train === 1 ? 'row has' : 'rows have'} gaps: ${done}${missing === 'impute' && filled < train ? `; ${train - filled} of these rows lack a value of a condition, and are left out` : ''}.`,
        ]),
    ...(held.length === 0
      ? []
      : [
          `${held.join(' and ')} ${validation + test === 1 ? 'has' : 'have'} gaps: left out, because densities of different sets of columns cannot be compared.`,
        ]),
  ];
};
