import { FlowError } from '@impflow/core';
import { assertCodes, type CategoryTree } from './category-tree.ts';
import { treeMessages } from './tree-messages.ts';

/**
 * Returns the log-probability, in nats, of the codes of each row, `[rows]`. Missing cells are summed out: the result is
 * the log-probability of the present cells. If all cells of a row are missing, the result is 0.
 *
 * @param codes One array for each column of the tree, `[rows]`, with -1 for a missing cell.
 * @remarks A row takes `O(columns)` time, plus the size of each missing column with a present parent, plus, for each
 * column, the product of its size and its parent's size if the column and its parent are missing and a descendant is
 * present.
 * @throws `shape` for a wrong number of arrays or unequal lengths, `option` for a code that is out of range.
 */
export const treeLogProbs = (tree: CategoryTree, codes: readonly Int32Array[]): Float64Array => {
  const rows = assertCodes(codes, tree.sizes, 'tables/treeLogProbs');
  const { upward } = treeMessages(tree, codes, true);
  return Float64Array.from({ length: rows }, (_, row) => upward(row));
};

/**
 * Returns the log-probability, in nats, of the codes of each row given the codes in the columns `given`, `[rows]`:
 * `log P(all) - log P(given)`. Missing cells are summed out in both terms.
 *
 * @param given Indices of columns. If the list is empty, the result equals {@link treeLogProbs}.
 * @remarks Takes twice the time of {@link treeLogProbs}.
 * @throws `shape` for a wrong number of arrays or unequal lengths, `option` for a code or a column index that is out of
 * range.
 */
export const treeConditional = (
  tree: CategoryTree,
  codes: readonly Int32Array[],
  given: readonly number[],
): Float64Array => {
  const wrong = given.find((column) => !(column in tree.sizes));
  if (wrong !== undefined) {
    throw new FlowError('option', 'tables/treeConditional', 'Unknown column', {
      expected: `an index below ${tree.sizes.length}`,
      got: String(wrong),
    });
  }
  const all = treeLogProbs(tree, codes);
  if (given.length === 0) return all;
  const missing = new Int32Array(all.length).fill(-1);
  const alone = treeLogProbs(
    tree,
    codes.map((column, j) => (given.includes(j) ? column : missing)),
  );
  return all.map((log, row) => log - alone[row]!);
};

/**
 * Returns the probabilities of the codes of each column, given the present codes of the row. The result for each column
 * is `[rows][size]`, row by row, and includes the code of unseen categories. A present code has the probability 1.
 *
 * @remarks The result has `rows * sum of sizes` numbers. If a column and its parent are missing in a row, the time for
 * this row includes the product of the sizes of the column and its parent.
 * @throws `shape` for a wrong number of arrays or unequal lengths, `option` for a code that is out of range.
 */
export const treeMarginals = (tree: CategoryTree, codes: readonly Int32Array[]): readonly Float64Array[] => {
  const rows = assertCodes(codes, tree.sizes, 'tables/treeMarginals');
  const { sizes, parents } = tree;
  const { order, upward, conditional } = treeMessages(tree, codes, true);
  const marginals = sizes.map((size) => new Float64Array(rows * size));
  const scratch = sizes.map((size) => new Float64Array(size));
  const ofRow = (column: number, row: number): Float64Array =>
    marginals[column]!.subarray(row * sizes[column]!, (row + 1) * sizes[column]!);
  for (let row = 0; row < rows; row++) {
    upward(row);
    for (const column of order) {
      const own = ofRow(column, row);
      const code = codes[column]![row]!;
      if (code >= 0) {
        own[code] = 1;
        continue;
      }
      const parent = parents[column]!;
      const ofParent = parent < 0 ? [1] : ofRow(parent, row);
      for (let parentCode = 0; parentCode < ofParent.length; parentCode++) {
        if (ofParent[parentCode] === 0) continue;
        conditional(column, parentCode, scratch[column]!);
        for (let k = 0; k < own.length; k++) own[k]! += ofParent[parentCode]! * scratch[column]![k]!;
      }
    }
  }
  return marginals;
};
