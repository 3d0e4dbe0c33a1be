import { treeCodes } from '../columns/encode.ts';
import { isInTree, layoutOf } from '../columns/layout.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { treeConditional } from '../tree/tree-probabilities.ts';

/**
 * Returns `log P(c | given)` of the categories of each record, `[rows]`. Without a tree, all results are 0. Missing
 * categories (code -1) are summed out.
 */
export const logCategories = (
  { columns, tree }: Pick<RecordsSpec, 'columns' | 'tree'>,
  codes: readonly Int32Array[],
  rows: number,
): Float64Array => {
  if (tree === undefined) return new Float64Array(rows);
  const given = columns.filter(isInTree).flatMap((column, i) => (column.given === true ? [i] : []));
  return treeConditional(tree, codes, given);
};

/** Returns `log P(c | given)` of the categories of each record, `[rows]`. Missing categories are summed out. */
export const logCategoriesOf = (spec: RecordsSpec, values: Values): Float64Array =>
  logCategories(spec, treeCodes(values, layoutOf(spec)), values.rows);
