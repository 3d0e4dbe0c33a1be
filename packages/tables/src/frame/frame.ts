/** Types, other than number, that the cells of a column can have in the program that provided them. */
export type CellType = 'string' | 'boolean' | 'bigint' | 'date';

/** A column of cells as a file holds them: numbers, texts, or both. */
export interface FrameColumn {
  /** Name of the column. */
  readonly name: string;
  /** One number per row, in double precision. NaN if the cell is missing or a text. */
  readonly numbers: Float64Array;
  /**
   * One text per row, trimmed and not empty; undefined if the cell is missing or a number. Left out for a column
   * without texts. A cell that can be read as a number is a number, also in a column with texts. `written` has this
   * cell as the file writes it.
   */
  readonly texts?: readonly (string | undefined)[];
  /**
   * Every cell as the file writes it, trimmed; undefined if the cell is missing. Left out for a column without texts,
   * unless the double of a whole number does not reproduce its cell. So zip codes keep their leading zeros here, and
   * long identifiers keep their digits. A Parquet column of texts always has `written`.
   */
  readonly written?: readonly (string | undefined)[];
  /**
   * The JavaScript type of all cells that are not gaps. Left out for numbers, for cells of several types, and for cells
   * of a file.
   */
  readonly type?: CellType;
}

/** Rows of cells of any kind, with named columns. Only the shape is checked: see {@link FrameColumn}. */
export interface Frame {
  /** The columns, in the order of the file, with different names. */
  readonly columns: readonly FrameColumn[];
  /** Number of rows. */
  readonly rows: number;
  /** Origin of the cells, for messages. */
  readonly source: string;
  /** Assumptions of the reader, in sentences. Left out by readers that assume nothing. */
  readonly remarks?: readonly string[];
  /** Returns the place of a row in the source, such as `line 7`. Rows are counted from 0. */
  place(row: number): string;
}

/** Whether a value is a frame. */
export const isFrame = (rows: object): rows is Frame => 'place' in rows && typeof rows.place === 'function';
