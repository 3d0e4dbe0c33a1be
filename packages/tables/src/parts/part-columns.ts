import { columnIndices } from '../frame/indices.ts';

/** The columns that a reader of a part returns. */
export interface WantedColumns {
  /** Names of the columns to read, in this order; undefined for all columns. */
  readonly columns: readonly string[] | undefined;
  /** Names of columns of categories. */
  readonly categories: readonly string[];
}

/**
 * Returns the indices of the columns with these names, or of all columns if no names are given.
 *
 * @throws `input` for an unknown name, a name given twice, or an empty list.
 */
export const partColumns = (
  at: string,
  source: string,
  columns: readonly string[],
  wanted: readonly string[] | undefined,
): readonly number[] =>
  wanted === undefined ? columns.map((_, j) => j) : columnIndices(at, { columns, source }, wanted);
