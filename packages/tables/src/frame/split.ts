import { FlowError, drawPermutation, type Key } from '@impflow/core';

/** Options of {@link splitRows}. */
export interface SplitOptions {
  /** Key of the random order. */
  readonly key: Key;
  /** Fractions of the rows, each in `[0, 1)`, whose sum is below 1. The other rows are for training. */
  readonly fractions: { readonly validation: number; readonly test: number };
}

/** Row indices of each part, in random order. Each row is in exactly one part. */
export interface Split {
  /** Rows to train on. */
  readonly train: Uint32Array;
  /** Rows by which a model is chosen or the training is stopped. */
  readonly validation: Uint32Array;
  /** Rows for the final score. */
  readonly test: Uint32Array;
}

/**
 * Returns a random split of `rows` rows. The same key gives the same split. A part with a fraction above 0 has at least
 * one row.
 *
 * @throws `option` for fractions out of range; `input` for too few rows.
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
      got: String(rows),
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
