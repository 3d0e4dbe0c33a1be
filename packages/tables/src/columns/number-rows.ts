/** Rows of numbers with names of their columns. */
export interface NumberRows {
  /** Number of rows. */
  readonly rows: number;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** `[rows, columns]`, row-major. */
  readonly values: ArrayLike<number>;
  /** Origin of the numbers, for messages. */
  readonly source: string;
}
