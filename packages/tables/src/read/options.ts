import type { Decimal } from '../frame/simple-number.ts';

/** Options for reading the text of a CSV or TSV file. */
export interface CsvOptions {
  /**
   * Whether the first row contains the names of the columns. Default: true if a cell of the first row is neither a
   * number nor missing.
   */
  readonly header?: boolean;
  /**
   * Character that separates the cells. Default: a tab if the name of the file ends in `.tsv`. For all other names, the
   * first of these characters that the first line contains: a tab, a semicolon, a comma (if it is not the decimal
   * sign), a vertical bar.
   */
  readonly separator?: Separator;
  /**
   * Decimal sign of numbers. Default: `,` if semicolons, tabs or vertical bars separate cells, numbers such as `3,5`
   * occur, and no number has a point that can only be a decimal point; otherwise `.`. The `remarks` of the frame quote a number with a comma.
   */
  readonly decimal?: Decimal;
}

/**
 * Options of {@link readFrame} and {@link parseFrame}. `header`, `separator` and `decimal` are used only for CSV and
 * TSV.
 */
export interface FrameOptions extends CsvOptions {
  /** Names of the columns to read, in the order of the result. Default: all columns. */
  readonly columns?: readonly string[];
  /** Smallest number of rows that the table must have. Default 1. */
  readonly minRows?: number;
  /**
   * Names of the columns that are read as categories, or as numbers in a format such as `$1,234.50`. The cells of these columns are kept as they are written, so that
   * a cell is read in the same way in every table. Default: no columns.
   */
  readonly categories?: readonly string[];
  /**
   * Whether the cells of a column are needed. In a column that is not needed, all cells are missing if one of them cannot
   * be a cell, such as a list. Default: all columns are needed.
   */
  readonly needed?: (name: string) => boolean;
}

/** Characters that can separate the cells of a line. */
export type Separator = ',' | ';' | '\t' | '|';
