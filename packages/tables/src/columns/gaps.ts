import type { Layout } from './layout.ts';
import type { Values } from './values.ts';

/**
 * Returns the indices of the complete rows: rows that training can use and whose density needs no completion. In a
 * complete row, all targets and categories are present. Only conditions that the model accepts as missing may be
 * missing.
 */
export const completeRows = (values: Values, layout: Layout): Uint32Array =>
  Uint32Array.from(
    Array.from({ length: values.rows }, (_, row) => row).filter((row) => gapsOf(values, layout, row).length === 0),
  );

/**
 * Returns the indices of the columns in which a missing cell makes a row incomplete. See {@link completeRows}.
 */
export const gapsOf = ({ columns }: Values, layout: Layout, row: number): readonly number[] =>
  columns.flatMap((column, j) => (Number.isNaN(column[row]) && matters(layout, j) ? [j] : []));

/**
 * Whether a row is unusable for training if its cell in this column is missing. A numeric condition may be missing if
 * it had missing cells in the training rows.
 */
export const matters = ({ columns }: Layout, j: number): boolean => {
  const column = columns[j]!;
  return !(column.kind === 'number' && column.given === true && column.fill !== undefined);
};
