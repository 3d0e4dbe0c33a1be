import { fold, uniforms, type Key } from '@impflow/core';
import { assertCodes, type CategoryTree } from './category-tree.ts';
import { treeMessages } from './tree-messages.ts';

/** Options of {@link drawCategories}. */
export interface CategoryDrawOptions {
  /**
   * Whether a drawn code may mean an unseen category. Default false: draws are exact under the condition that each
   * drawn category was seen. Known codes may mean unseen categories in both cases.
   */
  readonly unseen?: boolean;
}

/**
 * Draws the missing codes of each row, jointly, from their probabilities given the present codes of the row. Returns
 * all codes, in a new array `[rows]` for each column.
 *
 * @param codes One array for each column of the tree, `[rows]`, with -1 for a missing cell. If all are missing, rows are
 *   drawn from the tree.
 * @param key The draws for a row depend on the key and on the row's index, or its name: see `fromRow` and `forRows` of
 *   `@impflow/core`. They do not depend on the number of rows, nor on the other rows.
 * @remarks A row takes `O(sum of sizes)` time, plus the product of the sizes for each column that is missing with its
 *   parent while something below it is present.
 * @throws `shape` for arrays of other lengths, `option` for other codes.
 */
export const drawCategories = (
  tree: CategoryTree,
  codes: readonly Int32Array[],
  key: Key,
  { unseen = false }: CategoryDrawOptions = {},
): Int32Array[] => {
  const rows = assertCodes(codes, tree.sizes, 'tables/drawCategories');
  const drawn = codes.map((column) => column.slice());
  const { order, upward, conditional } = treeMessages(tree, codes, unseen);
  const probabilities = tree.sizes.map((size) => new Float64Array(size));
  for (let row = 0; row < rows; row++) {
    if (codes.every((column) => column[row]! >= 0)) continue;
    upward(row);
    // One number for each column, so that a column's number does not depend on the other missing columns.
    const u = uniforms(keyOfRow(key, row), order.length);
    for (const column of order) {
      if (codes[column]![row]! >= 0) continue;
      const parent = tree.parents[column]!;
      conditional(column, parent < 0 ? 0 : drawn[parent]![row]!, probabilities[column]!);
      drawn[column]![row] = pick(probabilities[column]!, u[column]!);
    }
  }
  return drawn;
};

const keyOfRow = ({ high, low, row: first = 0, names }: Key, row: number): Key =>
  fold({ high, low }, names?.[row] ?? first + row);

/** The code at which the sum of probabilities passes `u`; never a code of probability 0. */
const pick = (probabilities: Float64Array, u: number): number => {
  let left = u;
  let last = 0;
  for (let k = 0; k < probabilities.length; k++) {
    if (probabilities[k] === 0) continue;
    last = k;
    left -= probabilities[k]!;
    if (left < 0) return k;
  }
  // Rounding of the sum.
  return last;
};
