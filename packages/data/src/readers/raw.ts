import { FlowError } from '@impflow/core';

/** One column as a file holds it, before anyone asks whether it will do. */
export interface RawColumn {
  readonly name: string;
  /** Double precision; NaN where a cell is missing or is not a number. */
  readonly values: ArrayLike<number>;
  /** The first cell that is not a number, if there is one. */
  readonly text?: { readonly row: number; readonly cell: string };
}

export interface RawTable {
  readonly rows: number;
  readonly columns: readonly RawColumn[];
  /** What the reader took for granted, in sentences. */
  readonly remarks?: readonly string[];
  /** The place of a row, counted from 0, as a person finds it in the file: "line 7". */
  place(row: number): string;
}

/** A name for each column of a file that has none. */
export const defaultName = (index: number): string => `x${index}`;

/** The error for a file that is not what its name says. */
export const malformed = (path: string, what: string, expected: string, got: string, hint: string, cause?: unknown): FlowError =>
  new FlowError('input', 'data/readTable', `${what} in ${path}`, { expected, got, hint, cause });

/** @throws `input` for a file of no bytes. */
export const assertNotEmpty = (path: string, bytes: Uint8Array): void => {
  if (bytes.length === 0) throw new FlowError('input', 'data/readTable', `Empty file ${path}`, { expected: 'a table', got: '0 bytes', hint: 'Check the export.' });
};
