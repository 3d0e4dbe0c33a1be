import type { CategoryColumn, ColumnSpec, NumberColumn, RecordsSpec } from './spec.ts';

/** Positions of the columns in the encoding of a record, computed from the columns of a spec. */
export interface Layout {
  /** Descriptions of the columns, in the order of the spec. */
  readonly columns: readonly ColumnSpec[];
  /** Column indices of the `d` target numbers, which form the event `y` of the flow. */
  readonly numbers: readonly number[];
  /**
   * Column indices of the columns in the tree of categories, in the order of the tree. The list is empty if there is no
   * tree.
   */
  readonly inTree: readonly number[];
  /**
   * For each column, the index of its first entry in the context, and its number of entries. The number of entries is 0
   * for a target number.
   */
  readonly context: readonly { readonly first: number; readonly width: number }[];
  /** Number `m` of entries of the context. */
  readonly contextSize: number;
}

/** Returns the positions of the columns in the encoding of a record. */
export const layoutOf = ({ columns, tree }: Pick<RecordsSpec, 'columns' | 'tree'>): Layout => {
  const context: { first: number; width: number }[] = [];
  let size = 0;
  for (const column of columns) {
    const width = contextWidth(column);
    context.push({ first: size, width });
    size += width;
  }
  const where = (wanted: (column: ColumnSpec) => boolean): readonly number[] =>
    columns.flatMap((column, j) => (wanted(column) ? [j] : []));
  return {
    columns,
    numbers: where(isTargetNumber),
    inTree: tree === undefined ? [] : where(isInTree),
    context,
    contextSize: size,
  };
};

/** Whether a column is a target number. The flow models the density of the target numbers. */
export const isTargetNumber = (column: ColumnSpec): column is NumberColumn =>
  column.kind === 'number' && column.given !== true;

/** Whether a column is a target category. The density of records includes the target categories. */
export const isTargetCategory = (column: ColumnSpec): column is CategoryColumn =>
  column.kind === 'category' && column.given !== true;

/** Whether a column is in the tree of categories, provided that the spec has a tree. */
export const isInTree = (column: ColumnSpec): boolean => column.kind === 'category' || column.bins !== undefined;

/**
 * Returns the number of codes of a column in the tree of categories. A column of numbers has a code for each bin. A
 * column of categories has a code for each level, and one code for unseen categories.
 */
export const codesOf = (column: ColumnSpec): number =>
  column.kind === 'category' ? column.levels.length + 1 : column.bins!.length + 1;

/** Returns the number of entries by which a column is encoded in the context. */
const contextWidth = (column: ColumnSpec): number => {
  if (column.kind === 'category') return column.levels.length;
  if (column.given !== true) return 0;
  return (column.period === undefined ? 1 : 2) + (column.fill === undefined ? 0 : 1);
};
