import type { Table } from './table.ts';

/** Rows that travel with a package: where they come from, and how to get them. */
export interface DataSet {
  /** What a row is, which rows are kept, and why. */
  readonly description: string;
  /** Who published it, and where. */
  readonly source: string;
  readonly license: string;
  readonly columns: readonly string[];
  /** The rows, the same at every call; the caller may write into them. */
  load(): Promise<Table>;
}
