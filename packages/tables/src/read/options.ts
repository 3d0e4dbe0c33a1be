import type { Decimal } from '../frame/simple-number.ts';

/** Options for the text of a CSV or TSV. */
export interface CsvOptions {
  /**
   * Whether the first row names the columns. Default: true if a cell of the first row is neither a number nor missing.
   */
  readonly header?: boolean;
  /**
   * Sign between cells. Default: a tab if the name ends in `.tsv`. Otherwise the first of these signs that the first
   * line contains: a tab, a semicolon, a comma unless it is the decimal sign, a bar.
   */
  readonly separator?: Separator;
  /**
   * Decimal sign. Default: `,` if semicolons, tabs or bars separate cells, numbers such as `3,5` occur, and no number
   * has a decimal point; otherwise `.`. A remark names such a number.
   */
  readonly decimal?: Decimal;
}

/**
 * Options of {@link readFrame} and {@link parseFrame}. `header`, `separator` and `decimal` concern CSV and TSV only.
 */
export interface FrameOptions extends CsvOptions {
  /** Names of the columns to read, in this order. Default: all. */
  readonly columns?: readonly string[];
  /** Least number of rows that the table must have. Default 1. */
  readonly minRows?: number;
  /**
   * Names of columns of categories. Their cells are kept as they are written, whatever the other cells of the column
   * are: a model then reads each cell in the same way in every table. Default: none.
   */
  readonly categories?: readonly string[];
}

/** Signs that can separate cells. */
export type Separator = ',' | ';' | '\t' | '|';
