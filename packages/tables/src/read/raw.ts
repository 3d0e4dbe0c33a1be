import { FlowError } from '@impflow/core';
import type { CellType } from '../frame/frame.ts';

/** One column as a file holds it, before any check. */
export interface RawColumn {
  /** Name of the column. */
  readonly name: string;
  /** The values in double precision. NaN if a cell is missing or not a number. */
  readonly values: ArrayLike<number>;
  /** The first value that cannot be a cell, such as a list. Left out if there is no such value. */
  readonly wrong?: { readonly row: number; readonly cell: string };
  /**
   * What a frame keeps of each cell besides the number, trimmed: a text, or a number that is written in an unusual
   * form. `undefined` for other cells and for gaps. Left out for a column of plain numbers.
   */
  readonly cells?: readonly (string | undefined)[];
  /**
   * Whether a frame keeps all numbers as written, as it does for numbers in a column of texts of a Parquet file.
   * Default: false.
   */
  readonly isWritten?: boolean;
  /** JavaScript type of all cells, which the frame keeps. Left out by the readers of files, because a file has no types. */
  readonly type?: CellType;
}

/** A table as a file holds it, before any check. */
export interface RawTable {
  /** Number of rows. */
  readonly rows: number;
  /** The columns, in the order of the file. */
  readonly columns: readonly RawColumn[];
  /** Assumptions of the reader, in sentences. */
  readonly remarks?: readonly string[];
  /** Returns the place of a row in the file, such as `line 7`. Rows are counted from 0. */
  place(row: number): string;
}

/** Returns the name of a column if the file has no column names. */
export const defaultName = (index: number): string => `x${index}`;

/** Returns the error for a file whose contents do not match its name. */
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
