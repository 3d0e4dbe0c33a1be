import { parentsFirst, type CategoryTree } from './category-tree.ts';

/**
 * The sum-product algorithm on a tree of categories, for one row at a time. The buffers contain the messages of the row
 * for which `upward` was called last.
 */
interface TreeMessages {
  /** Indices of the columns, in an order in which parents come before their children. */
  readonly order: readonly number[];
  /**
   * Computes the messages of row `row` from the leaves to the roots. Returns the log-probability of the present codes.
   * If `unseen` is false, the returned value is the log-probability of this event: the present codes occur, and the
   * categories of all missing cells were seen in training.
   */
  upward(row: number): number;
  /**
   * Writes into `out`, `[size]`, the probabilities of the codes of a missing column, given the code of its parent (0
   * for a root) and the present codes of its descendants.
   */
  conditional(column: number, parentCode: number, out: Float64Array): void;
}

/**
 * Returns the sum-product algorithm for rows of codes, in which -1 is a missing cell. With `unseen`, a missing cell may
 * have the code of unseen categories. A row takes `O(sum of sizes)` time, plus, for each column, the product of its
 * size and its parent's size if the column and its parent are missing and a descendant is present.
 *
 * @see Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, section 4.2.
 */
export const treeMessages = (
  { sizes, parents, tables }: CategoryTree,
  codes: readonly Int32Array[],
  unseen: boolean,
): TreeMessages => {
  const order = parentsFirst(parents);
  /**
   * For each code of a missing column, this array contains the probability of the known codes of the column's
   * descendants, divided by `exp(logs)`.
   */
  const below = sizes.map((size) => new Float64Array(size));
  const logs = new Float64Array(sizes.length);
  /** Whether a column and all its descendants are missing. */
  const silent = sizes.map(() => true);
  /**
   * Messages of the columns that are missing and whose descendants are all missing, `[size of the parent]`. These
   * messages are equal for all rows. If codes of unseen categories are allowed, the messages are 1.
   */
  const silence: Float64Array[] = [];

  const start = (column: number, code: number): void => {
    logs[column] = 0;
    silent[column] = code < 0;
    if (code >= 0) return;
    below[column]!.fill(1);
    if (!unseen) below[column]![sizes[column]! - 1] = 0;
  };
  /**
   * Returns the probability of a column's code and of the known codes of its descendants, given the code of its parent,
   * divided by `exp(logs)`.
   */
  const message = (column: number, code: number, parentCode: number): number => {
    const row = tables[column]![parentCode]!;
    return code >= 0 ? row[code]! : dot(row, below[column]!);
  };
  /** Multiplies the message of a column into the message of its missing parent. */
  const absorb = (column: number, code: number, parent: number): void => {
    const into = below[parent]!;
    const known = silent[column] ? silence[column] : undefined;
    let largest = 0;
    for (let k = 0; k < into.length; k++) {
      if (into[k] === 0) continue;
      into[k]! *= known?.[k] ?? message(column, code, k);
      largest = Math.max(largest, into[k]!);
    }
    // The message is scaled, because a product over hundreds of columns would underflow in float64.
    for (let k = 0; k < into.length; k++) into[k]! /= largest;
    logs[parent]! += Math.log(largest) + logs[column]!;
    if (!silent[column]) silent[parent] = false;
  };

  const leavesFirst = order.toReversed();
  if (!unseen) {
    for (const column of order) start(column, -1);
    for (const column of leavesFirst) {
      const parent = parents[column]!;
      if (parent < 0) continue;
      silence[column] = Float64Array.from({ length: sizes[parent]! }, (_, k) => message(column, -1, k));
      absorb(column, -1, parent);
    }
  }

  return {
    order,
    upward: (row) => {
      let total = 0;
      for (const column of order) start(column, codes[column]![row]!);
      for (const column of leavesFirst) {
        const [code, parent] = [codes[column]![row]!, parents[column]!];
        if (silent[column] && unseen) continue;
        const parentCode = parent < 0 ? 0 : codes[parent]![row]!;
        if (parentCode < 0) {
          absorb(column, code, parent);
          continue;
        }
        const log = Math.log(message(column, code, parentCode)) + logs[column]!;
        if (parent < 0) total += log;
        else logs[parent]! += log;
      }
      return total;
    },
    conditional: (column, parentCode, out) => {
      const row = tables[column]![parentCode]!;
      const weight = below[column]!;
      const total = dot(row, weight);
      for (let k = 0; k < weight.length; k++) out[k] = (row[k]! * weight[k]!) / total;
    },
  };
};

const dot = (a: readonly number[], b: Float64Array): number => {
  let total = 0;
  for (let k = 0; k < b.length; k++) total += a[k]! * b[k]!;
  return total;
};
