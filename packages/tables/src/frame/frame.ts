import type { Decimal } from './simple-number.ts';

/** JavaScript types, other than number, that the values of a column can have before they become cells of a frame. */
export type CellType = 'string' | 'boolean' | 'bigint' | 'date';

/** A column of cells of a file: numbers, text, or both. */
export interface FrameColumn {
  /** Name of the column. */
  readonly name: string;
  /** One number per row, in double precision. NaN if the cell is missing or is text. */
  readonly numbers: Float64Array;
  /**
   * The text of each row, trimmed and not empty. An entry is undefined if the cell is missing or is a number. `texts`
   * is undefined for a column without text. A cell that can be read as a number counts as a number even if the column
   * contains text. `written` also contains cells with numbers, as they are written in the file.
   */
  readonly texts?: readonly (string | undefined)[];
  /**
   * Every cell as it is written in the file, trimmed. An entry is undefined if the cell is missing. `written` is
   * defined for a column with text, and for a column with a whole number whose digits a double cannot reproduce. So zip
   * codes keep their leading zeros here, and long identifiers keep their digits. A Parquet column of strings always has
   * `written`.
   */
  readonly written?: readonly (string | undefined)[];
  /**
   * A cell such as `1.234`, if the sign in every number with a decimal sign may also separate thousands: three digits
   * follow the sign, and at most three precede it. Undefined for columns with other numbers, and for columns with text.
   */
  readonly grouped?: string;
  /**
   * The JavaScript type of all cells that are not missing. Undefined for numbers, for cells of several types, and for
   * cells from a file.
   */
  readonly type?: CellType;
  /** Unit of the numbers, if the format of the file defines it: times and durations of Parquet are seconds. */
  readonly unit?: string;
  /** Whether the writer of the file stored the column as categories, as pandas stores its categorical columns. */
  readonly isCategory?: true;
}

/**
 * A table in memory: rows of cells of any kind, with named columns. Readers check only the shape of a frame, and accept
 * every kind of cell: see {@link FrameColumn}.
 */
export interface Frame {
  /** The columns, in the order of the file. No two columns have the same name. */
  readonly columns: readonly FrameColumn[];
  /** Number of rows of the table. */
  readonly rows: number;
  /** Origin of the cells, for error messages, such as the path of the file. */
  readonly source: string;
  /**
   * Assumptions that the reader made about the file, as sentences for the user. Undefined if the reader made no
   * assumptions.
   */
  readonly remarks?: readonly string[];
  /** Names that the reader gave to columns without a name in the header. Undefined if every column has a name. */
  readonly unnamed?: readonly string[];
  /** Decimal sign of the numbers of a text file. Undefined for other sources. */
  readonly decimal?: Decimal;
  /** Returns the place of a row in the source, such as `line 7`. The argument is the index of the row, from 0. */
  place(row: number): string;
}

/** Whether `rows` is a frame. */
export const isFrame = (rows: object): rows is Frame => 'place' in rows && typeof rows.place === 'function';
