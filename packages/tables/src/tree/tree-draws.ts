import { fold, uniforms, type Key } from '@impflow/core';
import { assertCodes, type CategoryTree } from './category-tree.ts';
import { treeMessages } from './tree-messages.ts';

/** Options of {@link drawCategories}. */
export interface CategoryDrawOptions {
  /**
   * Whether a drawn code may be that of unseen categories. Default false: draws are exact given that each drawn category
   * is a seen one. Present codes may be unseen ones.
   */
  readonly unseen?: boolean;
}

/**
 * Returns the codes with the missing ones drawn, jointly, from their probabilities given the present ones of the row.
 * A new array `[rows]` for each column.
 *
 * @param codes One array for each column of the tree, `[rows]`, with -1 for a missing cell. If all are missing, rows are
 *   drawn from the tree.
 * @param key What is drawn for a row depends on the key and on the row's index, or its name: see `fromRow` and `forRows`
 *   of `@impflow/core`. It does not depend on the number of rows, nor on the other rows.
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
    // One number for each column, so that a column's number does not depend on what else is missing.
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

/** The code at which the sum of probabilities passes `u`; a code of probability 0 never. */
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
