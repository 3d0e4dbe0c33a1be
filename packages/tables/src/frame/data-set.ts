import type { Frame } from './frame.ts';

/** A data set that a package provides: a description, its source, and a function that loads it. */
export interface DataSet {
  /** What a row means, which rows are kept, and why. */
  readonly description: string;
  /** Who published the data, and where. */
  readonly source: string;
  /** License of the data. */
  readonly license: string;
  /** Names of the columns of the loaded rows. */
  readonly columns: readonly string[];
  /** Loads the rows. Each call returns the same rows, in arrays that the caller may change. */
  load(): Promise<Frame>;
}
