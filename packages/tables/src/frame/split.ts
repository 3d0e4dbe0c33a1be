import { FlowError, drawPermutation, shown, type Key } from '@impflow/core';

/** Options of {@link splitRows}. */
export interface SplitOptions {
  /** Key of the random numbers that determine the order of the rows. */
  readonly key: Key;
  /**
   * Fractions of the rows for validation and test. Each fraction is in `[0, 1)`, and their sum is below 1. The
   * remaining rows are for training.
   */
  readonly fractions: { readonly validation: number; readonly test: number };
}

/**
 * A split of rows into training, validation and test rows, as row indices in random order. Each row is in exactly one
 * of the three lists.
 */
export interface Split {
  /** Indices of the rows on which a model is trained. */
  readonly train: Uint32Array;
  /** Indices of the rows that are used to choose a model or to stop the training. */
  readonly validation: Uint32Array;
  /** Indices of the rows for the final score of a model. */
  readonly test: Uint32Array;
}

/**
 * Splits `rows` rows at random into training, validation and test rows. Equal keys give equal splits. If the fraction
 * of validation rows is above 0, there is at least one validation row. The same holds for test rows.
 *
 * @throws `option` for fractions that are out of range; `input` if there are too few rows.
 */
export const splitRows = (rows: number, { key, fractions: { validation, test } }: SplitOptions): Split => {
  const valid = (share: number): boolean => share >= 0 && share < 1;
  if (!valid(validation) || !valid(test) || validation + test >= 1) {
    throw new FlowError('option', 'tables/splitRows', 'Wrong shares of the rows', {
      expected: 'validation and test in [0, 1), together below 1',
      got: `${validation} and ${test}`,
      hint: 'Leave some rows for training.',
    });
  }
  const size = (share: number): number => (share === 0 ? 0 : Math.max(1, Math.round(share * rows)));
  const [held, unseen] = [size(validation), size(test)];
  if (rows - held - unseen < 1) {
    throw new FlowError('input', 'tables/splitRows', 'Too few rows to split', {
      expected: `at least ${1 + Number(validation > 0) + Number(test > 0)}, one for each part`,
      got: shown(rows),
      hint: 'Give more rows, or request fewer parts.',
    });
  }
  const order = drawPermutation(key, rows);
  return {
    validation: order.slice(0, held),
    test: order.slice(held, held + unseen),
    train: order.slice(held + unseen),
  };
};
