import { FlowError, shown, type ErrorCode } from '@impflow/core';

/**
 * Joint probabilities of category columns as a forest (Chow and Liu, 1968): each column is a root, or depends on one
 * parent column. The tree is plain JSON. {@link fitCategoryTree} fits a tree to rows, and {@link assertCategoryTree}
 * checks a tree from a file.
 */
export interface CategoryTree {
  /**
   * Number of codes of each column, at least 2. The last code of a column stands for all categories that training did
   * not see.
   */
  readonly sizes: readonly number[];
  /** Index of the parent of each column, or -1 for a root. */
  readonly parents: readonly number[];
  /**
   * Table of probabilities of each column: `[1][size]` for a root, and `[size of the parent][size]` for all other
   * columns. Each row of a table adds up to 1. All probabilities are positive, so that every combination of codes is
   * possible.
   */
  readonly tables: readonly (readonly (readonly number[])[])[];
}

/** Largest number of category codes of a column. */
export const MAX_SIZE: number = 2 ** 20;
/** Largest number of probabilities in the table of one column. */
export const MAX_CELLS: number = 2 ** 22;
/**
 * Smallest allowed probability in a table. With this limit, a product of two messages of the sum-product algorithm
 * stays far above the smallest float64.
 */
const SMALLEST = 1e-100;
/** The probabilities in a row of a table must add up to 1 within this tolerance. */
const SUM_TOLERANCE = 1e-6;

/**
 * Checks a tree of categories from a file. The shapes must match, the parents must not form a cycle, all probabilities
 * must be positive, and each row of a table must add up to 1 within 1e-6.
 *
 * @remarks Takes time linear in the number of probabilities.
 * @throws `input` if a check fails. The message contains the wrong value and its place.
 */
export function assertCategoryTree(value: unknown): asserts value is CategoryTree {
  const { sizes, parents, tables } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    keyof CategoryTree,
    unknown
  >;
  if (!Array.isArray(sizes) || !Array.isArray(parents) || !Array.isArray(tables) || sizes.length === 0) {
    throw broken('A tree of categories is incomplete', 'arrays sizes, parents and tables', described(value));
  }
  if (parents.length !== sizes.length || tables.length !== sizes.length) {
    const got = `${sizes.length} sizes, ${parents.length} parents, ${tables.length} tables`;
    throw broken('A tree of categories is incomplete', 'as many sizes, parents and tables', got);
  }
  sizes.forEach((size: unknown, column) => {
    if (!Number.isInteger(size) || (size as number) < 2 || (size as number) > MAX_SIZE) {
      const expected = `an integer from 2 to ${MAX_SIZE}`;
      throw broken(`Column ${column} of a tree of categories has a wrong size`, expected, described(size));
    }
  });
  assertForest(parents);
  tables.forEach((table: unknown, column) => {
    const rows = parents[column] === -1 ? 1 : (sizes as number[])[parents[column]!]!;
    assertTable(table, column, rows, (sizes as number[])[column]!);
  });
}

function assertForest(parents: readonly unknown[]): asserts parents is readonly number[] {
  parents.forEach((parent, column) => {
    if (!Number.isInteger(parent) || (parent as number) < -1 || (parent as number) >= parents.length) {
      const expected = `-1 or an index below ${parents.length}`;
      throw broken(`Column ${column} of a tree of categories has a wrong parent`, expected, described(parent));
    }
  });
  if (parentsFirst(parents as readonly number[]).length < parents.length) {
    throw broken('A tree of categories has a cycle', 'parents that lead to a root', JSON.stringify(parents));
  }
}

const assertTable = (table: unknown, column: number, rows: number, size: number): void => {
  const what = `Column ${column} of a tree of categories has a wrong table`;
  if (!Array.isArray(table) || table.length !== rows) throw broken(what, `${rows} rows`, described(table));
  table.forEach((row: unknown, at) => {
    if (!Array.isArray(row) || row.length !== size) {
      throw broken(what, `${size} probabilities in row ${at}`, described(row));
    }
    let total = 0;
    for (const probability of row as readonly unknown[]) {
      if (typeof probability !== 'number' || !(probability >= SMALLEST && probability <= 1 + SUM_TOLERANCE)) {
        throw broken(what, `probabilities from ${SMALLEST} to 1 in row ${at}`, described(probability));
      }
      total += probability;
    }
    if (Math.abs(total - 1) > SUM_TOLERANCE) throw broken(what, `a sum of 1 in row ${at}`, String(total));
  });
};

const broken = (what: string, expected: string, got: string): FlowError =>
  new FlowError('input', 'tables/assertCategoryTree', what, {
    expected,
    got,
    hint: 'Fit the tree again, or use the file as it was written.',
  });

/** Returns a short description of a value from a file, for error messages. */
export const described = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}`;
};

/**
 * Returns the columns in an order in which parents come before their children. Columns whose ancestors form a cycle are
 * not in the list.
 */
export const parentsFirst = (parents: readonly number[]): readonly number[] => {
  const children = parents.map((): number[] => []);
  const order: number[] = [];
  parents.forEach((parent, column) => (parent < 0 ? order : children[parent]!).push(column));
  // The loop also visits columns that are appended during the loop, so the order is breadth first.
  for (const column of order) order.push(...children[column]!);
  return order;
};

/**
 * Checks the codes of category columns. There must be one column for each size, all columns must have equal lengths,
 * and codes must be from -1 (missing) to `size - 1`.
 *
 * @returns The number of rows.
 * @throws `shape` for a wrong number of columns or unequal lengths, `option` for a code that is out of range.
 */
export const assertCodes = (codes: readonly Int32Array[], sizes: readonly number[], at: string): number => {
  const fail = (code: ErrorCode, what: string, expected: string, got: number): never => {
    throw new FlowError(code, at, what, { expected, got: shown(got) });
  };
  if (codes.length !== sizes.length) fail('shape', 'Wrong number of columns', String(sizes.length), codes.length);
  const rows = codes[0]?.length ?? 0;
  codes.forEach((column, j) => {
    const size = sizes[j]!;
    if (column.length !== rows) fail('shape', `Wrong number of rows in column ${j}`, String(rows), column.length);
    const wrong = column.find((code) => code < -1 || code >= size);
    if (wrong !== undefined) fail('option', `Wrong code in column ${j}`, `-1 to ${size - 1}`, wrong);
  });
  return rows;
};
