import type { CellType, Frame } from '@impflow/tables';

/**
 * What the cells of columns were, by name, as plain JSON. A column that is missing held numbers, cells of several types,
 * or cells of a file.
 */
export type ColumnTypes = Readonly<Record<string, CellType>>;

/** The types of the columns of a frame, for {@link rowsOfFrame}. */
export const columnTypes = ({ columns }: Frame): ColumnTypes =>
  Object.fromEntries(columns.flatMap(({ name, type }) => (type === undefined ? [] : [[name, type]])));
