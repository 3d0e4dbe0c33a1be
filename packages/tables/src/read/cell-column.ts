import { FlowError } from '@impflow/core';
import { readCell } from '../frame/cells.ts';
import type { CellType } from '../frame/frame.ts';
import type { RawColumn } from './raw.ts';

/** A column that is filled with JavaScript values, cell by cell. A cell into which no value is put is missing. */
interface CellColumn {
  /** Converts a value to the cell of a row. Returns false if the value cannot be a cell, such as an object. */
  put(row: number, value: unknown): boolean;
  /** Returns the column with all cells that were put so far. */
  raw(): RawColumn;
}

/** Creates a column with `rows` rows whose cells are all missing. */
export const cellColumn = (name: string, rows: number): CellColumn => {
  const values = new Float64Array(rows).fill(NaN);
  let cells: (string | undefined)[] | undefined;
  let type: CellType | 'number' | 'mixed' | undefined;
  return {
    put: (row, given) => {
      const read = readCell(given);
      if (read === undefined) return false;
      values[row] = read.value;
      if (read.type !== undefined) type = type === undefined || type === read.type ? read.type : 'mixed';
      if (read.cell === undefined) return true;
      cells ??= Array.from({ length: rows });
      cells[row] = read.cell;
      return true;
    },
    raw: () => ({
      name,
      values,
      ...(cells === undefined ? {} : { cells }),
      ...(type === undefined || type === 'number' || type === 'mixed' ? {} : { type }),
    }),
  };
};

/**
 * Returns the error for a value that cannot be a cell. The error message contains `where`, the place of the value, and
 * `at`, the name of the calling function.
 */
export const noCell = (at: string, where: string, value: unknown): FlowError =>
  new FlowError('input', at, `A value that cannot be a cell in ${where}`, {
    expected: 'a number, a string, a boolean, a date, or null',
    got: value instanceof Date ? 'an invalid date' : kindOf(value),
    hint: classOf(value).startsWith('DuckDB')
      ? 'Use getRowObjectsJS or getColumnsObjectJS of DuckDB, which give numbers, strings and dates.'
      : 'Give each element of the value its own key.',
  });

/** Returns a description of the type of a value, for an error message. */
export const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object') return `a value of type ${typeof value}`;
  const name = classOf(value);
  return name === '' || name === 'Object' ? 'an object' : `an object of the class ${name}`;
};

const classOf = (value: unknown): string => {
  const name = (value as { readonly constructor?: { readonly name?: unknown } } | null | undefined)?.constructor?.name;
  return typeof name === 'string' ? name : '';
};
