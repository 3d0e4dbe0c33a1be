import { FlowError } from '@impflow/core';
import { readCell } from '../frame/cells.ts';
import type { CellType } from '../frame/frame.ts';
import type { RawColumn } from './raw.ts';

/** A column of JavaScript values, which is filled cell by cell. Rows into which no value is put have gaps. */
interface CellColumn {
  /** Puts a value into a row. Returns whether the value can be a cell. */
  put(row: number, value: unknown): boolean;
  /** Returns the cells so far. */
  raw(): RawColumn;
}

/** Returns an empty column of this many rows. */
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
 * Returns the error for a value that cannot be a cell. `where` is the place of the value in the message. `at` is the
 * name of the calling function in the message.
 */
export const noCell = (at: string, where: string, value: unknown): FlowError =>
  new FlowError('input', at, `A value that cannot be a cell in ${where}`, {
    expected: 'a number, a text, a boolean, a date, or null',
    got: value instanceof Date ? 'an invalid date' : kindOf(value),
    hint: classOf(value).startsWith('DuckDB')
      ? 'Use getRowObjectsJS or getColumnsObjectJS of DuckDB, which give numbers, texts and dates.'
      : 'Give each part its own key.',
  });

/** Returns a description of a value, for a message. */
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
