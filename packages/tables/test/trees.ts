import { fold, uniforms, type Key } from '@impflow/core';
import type { CategoryTree } from '@impflow/tables';

/** A tree with random tables: a row of size `k` is `k` uniform numbers over their sum. */
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

/** All combinations of codes of columns. */
export const cells = (sizes: readonly number[]): readonly (readonly number[])[] =>
  sizes.reduce<readonly (readonly number[])[]>(
    (all, size) => all.flatMap((cell) => Array.from({ length: size }, (_, code) => [...cell, code])),
    [[]],
  );

/** The probability of a cell as the product of table entries. */
export const probability = ({ parents, tables }: CategoryTree, cell: readonly number[]): number =>
  parents.reduce((product, parent, j) => product * tables[j]![parent < 0 ? 0 : cell[parent]!]![cell[j]!]!, 1);

/** Rows of codes as columns. */
export const columnsOf = (rows: readonly (readonly number[])[]): Int32Array[] =>
  rows[0]!.map((_, j) => Int32Array.from(rows, (row) => row[j]!));

/** Whether the codes of a row agree with a cell; -1 agrees with every code. */
export const agrees = (row: readonly number[], cell: readonly number[]): boolean =>
  row.every((code, j) => code < 0 || code === cell[j]);

/** Largest difference of two vectors. */
export const largestError = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Math.max(...Array.from(a, (one, i) => Math.abs(one - b[i]!))) : NaN;
