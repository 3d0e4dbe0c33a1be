import { fold, uniforms, type Key } from '@impflow/core';
import type { CategoryTree } from '@impflow/tables';

/**
 * Returns a tree of categories with random tables. A row of a table consists of uniform random numbers, divided by
 * their sum.
 */
export const randomTree = (key: Key, sizes: readonly number[], parents: readonly number[]): CategoryTree => ({
  sizes,
  parents,
  tables: parents.map((parent, j) =>
    Array.from({ length: parent < 0 ? 1 : sizes[parent]! }, (_, code) => {
      const u = uniforms(fold(fold(key, j), code), sizes[j]!);
      const total = u.reduce((sum, one) => sum + one, 0);
      return [...u].map((one) => one / total);
    }),
  ),
});

/** Returns all combinations of codes for columns of the given sizes. */
export const cells = (sizes: readonly number[]): readonly (readonly number[])[] =>
  sizes.reduce<readonly (readonly number[])[]>(
    (all, size) => all.flatMap((cell) => Array.from({ length: size }, (_, code) => [...cell, code])),
    [[]],
  );

/** Returns the probability of a combination of codes under a tree, as a product of table entries. */
export const probability = ({ parents, tables }: CategoryTree, cell: readonly number[]): number =>
  parents.reduce((product, parent, j) => product * tables[j]![parent < 0 ? 0 : cell[parent]!]![cell[j]!]!, 1);

/** Converts rows of codes to columns. */
export const columnsOf = (rows: readonly (readonly number[])[]): Int32Array[] =>
  rows[0]!.map((_, j) => Int32Array.from(rows, (row) => row[j]!));

/** Whether the codes of a row agree with a combination of codes. The code -1 (missing) agrees with every code. */
export const agrees = (row: readonly number[], cell: readonly number[]): boolean =>
  row.every((code, j) => code < 0 || code === cell[j]);

/** Returns the largest absolute difference between the entries of two vectors. */
export const largestError = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Math.max(...Array.from(a, (one, i) => Math.abs(one - b[i]!))) : NaN;
