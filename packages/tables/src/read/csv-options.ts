/** Options of `parseCsv`. */
export interface CsvOptions {
  /** Whether the first row names the columns. Default: whether one of its cells is neither a number nor missing. */
  readonly header?: boolean;
  /**
   * Sign between cells. Default: a tab if the name ends in `.tsv`. Otherwise a tab or a semicolon if the first line has
   * one, else a comma, or a semicolon if the comma is the decimal sign.
   */
  readonly separator?: Separator;
  /** Decimal sign. Default `.`. */
  readonly decimal?: Decimal;
}

/** Signs that can stand between cells. */
export type Separator = ',' | ';' | '\t' | '|';
/** Decimal signs. */
export type Decimal = '.' | ',';
