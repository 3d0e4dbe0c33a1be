import { fold, uniforms, type Key } from '@impflow/core';
import { assertCodes, type CategoryTree } from './category-tree.ts';
import { treeMessages } from './tree-messages.ts';

/** Options of {@link drawCategories}. */
export interface CategoryDrawOptions {
  /**
   * Whether a drawn code may stand for categories that training did not see. Default false: the draws have the exact
   * distribution under the condition that each drawn category was seen in training. A given code, which is not drawn,
   * may always stand for unseen categories.
   */
  readonly unseen?: boolean;
}

/**
 * Draws the missing codes of each row jointly, from their distribution given the present codes of the row. Returns all
 * codes, drawn and present, in a new array `[rows]` for each column.
 *
 * @param codes One array for each column of the tree, `[rows]`, with -1 for a missing cell. If all cells of a row are
 * missing, the whole row is drawn.
 * @param key The draws for a row depend on the key and on the row's index or name: see `fromRow` and `forRows` of
 * `@impflow/core`. The draws do not depend on the number of rows or on the other rows.
 * @remarks A row takes `O(sum of sizes)` time, plus, for each column, the product of its size and its parent's size if
 * the column and its parent are missing and a descendant is present.
 * @throws `shape` for a wrong number of arrays or unequal lengths, `option` for a code that is out of range.
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
    // One random number is drawn for every column, so that the random number of a column does not depend on which
    // columns are missing.
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

/**
 * Returns the first code at which the cumulative probability exceeds `u`. A code with the probability 0 is never
 * returned.
 */
const pick = (probabilities: Float64Array, u: number): number => {
  let left = u;
  let last = 0;
  for (let k = 0; k < probabilities.length; k++) {
    if (probabilities[k] === 0) continue;
    last = k;
    left -= probabilities[k]!;
    if (left < 0) return k;
  }
  // The loop ends without a result only if the sum of the probabilities is rounded to a value below `u`.
  return last;
};
