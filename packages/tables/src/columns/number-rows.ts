/** A matrix of numbers with the names of its columns. */
export interface NumberRows {
  /** Number of rows. */
  readonly rows: number;
  /** Names of the columns of the matrix. */
  readonly columns: readonly string[];
  /** The numbers, `[rows, columns]`, row-major. */
  readonly values: ArrayLike<number>;
  /** Origin of the numbers, for error messages, such as the name of a file. */
  readonly source: string;
}
