import type { CellList } from '@impflow/tables';
import { isVector, vectorList } from './arrow.ts';
import type { Cell } from './rows.ts';
import { wrongColumn, wrongRows } from './wrong-rows.ts';

/**
 * Converts an object whose values are columns to lists of cells.
 *
 * @throws `input` for a value that is not an object of columns.
 */
export const columnLists = (columns: Readonly<Record<string, unknown>>): readonly CellList[] => {
  const entries = Object.entries(columns);
  if (!isPlain(columns) || !entries.some(([, cells]) => isList(cells))) throw wrongRows(columns);
  return entries.map(([name, cells]) => {
    if (isVector(cells)) return vectorList(name, cells);
    if (isList(cells)) return { name, length: cells.length, cell: (row) => cells[row] };
    throw wrongColumn(name, cells);
  });
};

/** Returns whether a value is a plain object and not an instance of a class. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const isList = (cells: unknown): cells is ArrayLike<Cell> =>
  typeof cells === 'object' && cells !== null && typeof (cells as { readonly length?: unknown }).length === 'number';
