import type { Frame } from './frame.ts';

/** A data set that a package provides: what it is, where it comes from, and how to load it. */
export interface DataSet {
  /** What a row is, which rows are kept, and why. */
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
