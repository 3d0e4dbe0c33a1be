import type { Layout } from './layout.ts';
import type { Values } from './values.ts';

/**
 * Returns the indices of the rows without a gap that matters. A gap matters in a target, in a category, and in a
 * condition that may not be missing.
 */
export const completeRows = (values: Values, layout: Layout): Uint32Array =>
  Uint32Array.from(
    Array.from({ length: values.rows }, (_, row) => row).filter((row) => gapsOf(values, layout, row).length === 0),
  );

/** Returns the indices of the columns in which a row has a gap that matters: see {@link completeRows}. */
export const gapsOf = ({ columns }: Values, layout: Layout, row: number): readonly number[] =>
  columns.flatMap((column, j) => (Number.isNaN(column[row]) && matters(layout, j) ? [j] : []));

/** Whether a gap in a column matters. A gap in a condition does not matter if the condition had gaps in training. */
export const matters = ({ columns }: Layout, j: number): boolean => {
  const column = columns[j]!;
  return !(column.kind === 'number' && column.given === true && column.fill !== undefined);
};
