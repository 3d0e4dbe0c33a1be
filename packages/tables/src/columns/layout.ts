import type { CategoryColumn, ColumnSpec, NumberColumn, RecordsSpec } from './spec.ts';

/** Positions of the parts of a record, computed once from the columns of a spec. */
export interface Layout {
  /** The columns, in the order of the spec. */
  readonly columns: readonly ColumnSpec[];
  /** Indices of the `d` target numbers, which are the event `y` of the flow. */
  readonly numbers: readonly number[];
  /** Indices of the columns in the tree of categories, in the order of the tree. Empty without a tree. */
  readonly inTree: readonly number[];
  /**
   * For each column, the first entry and the width of its encoding in the context. The width is 0 for a target number.
   */
  readonly context: readonly { readonly first: number; readonly width: number }[];
  /** Size `m` of the context. */
  readonly contextSize: number;
}

/** Returns the layout of the records of a spec. */
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

/** Whether a column is a target number. The flow is a density of the target numbers. */
export const isTargetNumber = (column: ColumnSpec): column is NumberColumn =>
  column.kind === 'number' && column.given !== true;

/** Whether a column is a target category. The density of records includes the target categories. */
export const isTargetCategory = (column: ColumnSpec): column is CategoryColumn =>
  column.kind === 'category' && column.given !== true;

/** Whether a column is in the tree of categories, if there is a tree. */
export const isInTree = (column: ColumnSpec): boolean => column.kind === 'category' || column.bins !== undefined;

/**
 * Returns the number of codes of a column in the tree: the number of its bins, or the number of its levels plus one
 * code for unseen categories.
 */
export const codesOf = (column: ColumnSpec): number =>
  column.kind === 'category' ? column.levels.length + 1 : column.bins!.length + 1;

/** Returns how many numbers encode a column in the context. */
const contextWidth = (column: ColumnSpec): number => {
  if (column.kind === 'category') return column.levels.length;
  if (column.given !== true) return 0;
  return (column.period === undefined ? 1 : 2) + (column.fill === undefined ? 0 : 1);
};
