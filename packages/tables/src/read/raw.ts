import { FlowError } from '@impflow/core';
import type { CellType } from '../frame/frame.ts';
import type { Decimal } from '../frame/simple-number.ts';

/** One column that was read from a file, before the table is checked. */
export interface RawColumn {
  /** Name of the column. */
  readonly name: string;
  /** The numbers in the cells, in double precision. NaN if a cell is missing or not a number. */
  readonly values: ArrayLike<number>;
  /** The first value that cannot be a cell, such as a list, and its row. Undefined if all values can be cells. */
  readonly wrong?: { readonly row: number; readonly cell: string };
  /**
   * The trimmed string that a frame keeps of each cell in addition to the number: text, or a number that is written in
   * an unusual form. An entry is undefined for all other cells and for missing cells. `cells` is undefined for a column
   * of plain numbers.
   */
  readonly cells?: readonly (string | undefined)[];
  /**
   * Whether a frame keeps all numbers as they are written, which is the case for numbers in a Parquet column of
   * strings. Default: false.
   */
  readonly isWritten?: boolean;
  /**
   * JavaScript type of all cells, which the frame records. Undefined for a column from a file, because files have no
   * JavaScript types.
   */
  readonly type?: CellType;
  /** Unit of the numbers, if the format of the file defines it. */
  readonly unit?: string;
  /** Whether the writer of the file stored the column as categories. */
  readonly isCategory?: true;
}

/** A table that was read from a file, before it is checked. */
export interface RawTable {
  /** Number of rows. */
  readonly rows: number;
  /** The columns, in the order of the file. */
  readonly columns: readonly RawColumn[];
  /** Assumptions that the reader made about the file, as sentences for the user. */
  readonly remarks?: readonly string[];
  /** Names that the reader gave to columns without a name in the header. */
  readonly unnamed?: readonly string[];
  /** Decimal sign of the numbers of a text file. */
  readonly decimal?: Decimal;
  /** Returns the place of a row in the file, such as `line 7`. The argument is the index of the row, from 0. */
  place(row: number): string;
}

/** Returns the name of a column for a file without column names. */
export const defaultName = (index: number): string => `x${index}`;

/** Returns the error for a file whose contents are not valid for the extension of its name. */
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
