import { FlowError } from '@impflow/core';
import type { CellType } from '../frame/frame.ts';

/** One column as a file holds it, before any check. */
export interface RawColumn {
  /** Name of the column. */
  readonly name: string;
  /** The values in double precision. NaN if a cell is missing or not a number. */
  readonly values: ArrayLike<number>;
  /** The first value that is no cell, such as a list. Left out if there is none. */
  readonly wrong?: { readonly row: number; readonly cell: string };
  /**
   * Of each cell, what a frame keeps besides the number, trimmed: a text, or a number that is written in a form of its
   * own; `undefined` for others and gaps. Left out for a column of plain numbers.
   */
  readonly cells?: readonly (string | undefined)[];
  /** Whether a frame keeps the numbers as written, whatever they are: texts of a Parquet file. Default: false. */
  readonly isWritten?: boolean;
  /** What all cells were as values of JavaScript. A frame of a file does not keep it. */
  readonly type?: CellType;
}

/** A table as a file holds it, before any check. */
export interface RawTable {
  /** Number of rows. */
  readonly rows: number;
  /** The columns, in the order of the file. */
  readonly columns: readonly RawColumn[];
  /** What the reader assumed, in sentences. */
  readonly remarks?: readonly string[];
  /** Returns where a row, counted from 0, stands in the file, such as `line 7`. */
  place(row: number): string;
}

/** Name of a column in a file without names. */
export const defaultName = (index: number): string => `x${index}`;

/** Returns the error for a file that is not what its name says. */
export const malformed = (
  path: string,
  what: string,
  expected: string,
  got: string,
  hint: string,
  cause?: unknown,
): FlowError => new FlowError('input', 'tables/readFrame', `${what} in ${path}`, { expected, got, hint, cause });

/**
 * Checks that a file is not empty.
 *
 * @throws `input` for a file of zero bytes.
 */
export const assertNotEmpty = (path: string, bytes: Uint8Array): void => {
  if (bytes.length === 0)
    throw new FlowError('input', 'tables/readFrame', `Empty file ${path}`, {
      expected: 'a table',
      got: '0 bytes',
      hint: 'Check the export.',
    });
};
