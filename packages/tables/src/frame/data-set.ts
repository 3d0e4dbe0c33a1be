import type { Frame } from './frame.ts';
import type { Table } from './table.ts';

/** A data set that a package provides: what it is, where it comes from, and how to load it. */
export interface DataSet<Rows extends Table | Frame = Table | Frame> {
  /** What a row is, which rows are kept, and why. */
  readonly description: string;
  /** Who published it, and where. */
  readonly source: string;
  /** License of the data. */
  readonly license: string;
  /** Names of the columns of the loaded rows. */
  readonly columns: readonly string[];
  /**
   * Loads the rows: a table of numbers, or a frame if some cells are texts, dates or gaps. Each call returns the same
   * rows, in arrays that the caller may change.
   */
  load(): Promise<Rows>;
}
