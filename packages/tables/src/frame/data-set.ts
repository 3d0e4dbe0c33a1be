import type { Frame } from './frame.ts';

/** A data set that a package provides: a description, its source, and a function that loads it. */
export interface DataSet {
  /** Meaning of a row, the rows that are kept, and the reason. */
  readonly description: string;
  /** Who published it, and where. */
  readonly source: string;
  /** License of the data. */
  readonly license: string;
  /** Names of the columns of the loaded rows. */
  readonly columns: readonly string[];
  /** Loads the rows. Each call returns the same ones, in arrays that the caller may change. */
  load(): Promise<Frame>;
}
