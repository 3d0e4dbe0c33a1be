import { columnIndices } from '../frame/indices.ts';

/** Which columns to read from a part of a table. */
export interface WantedColumns {
  /** Names of the columns to read, in the order of the result. Undefined to read all columns. */
  readonly columns: readonly string[] | undefined;
  /** Names of the columns that are read as categories. */
  readonly categories: readonly string[];
}

/**
 * Returns the indices of the wanted columns. Without wanted names, all columns are returned.
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
