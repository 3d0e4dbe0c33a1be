import type { Frame } from './frame.ts';

/** A data set that a package provides: a description, its source, and a function that loads it. */
export interface DataSet {
  /** Description of the data: what a row means, which rows are kept, and why. */
  readonly description: string;
  /** Publisher of the data, and where the data were published. */
  readonly source: string;
  /** License under which the data may be used. */
  readonly license: string;
  /** Names of the columns of the loaded rows. */
  readonly columns: readonly string[];
  /** Loads the rows. Each call returns equal rows in new arrays, which the caller may change. */
  load(): Promise<Frame>;
}
