import type { DataChoice } from '../config.ts';

/** A box of the plane: `[low, high]` of each axis. */
export type Region = readonly [readonly [number, number], readonly [number, number]];

/** All that a worker needs to have the rows: the same choice and seed give the same rows in every worker. */
export interface DataRequest {
  readonly choice: DataChoice;
  /** `[rows, 2]` of drawn points and of tables, which no worker can find by itself. */
  readonly rows?: Float32Array;
  /** Names of the two columns of a table. */
  readonly columns?: readonly [string, string];
  readonly seed: number;
}

/** What the page shows of the data. */
export interface DataView {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** Some rows to draw, `[shown, 2]`. */
  readonly points: Float32Array;
  /** Rows to train on; 0 where they are drawn afresh. */
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** What the pictures show. */
  readonly region: Region;
  /** Nats; only where the density is known: no expected loss lies below it. */
  readonly entropy?: number;
  /** Where the data are from, under which licence. */
  readonly about: string;
}

/** A table on its way in: what is in each column, or why the file will not do. */
export interface TablePreview {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnPreview[];
}

export interface ColumnPreview {
  readonly name: string;
  /** First cells, as they will be read. */
  readonly first: readonly string[];
  readonly min: number;
  readonly max: number;
  /** Why this column cannot be chosen; absent where it can. */
  readonly problem?: string;
  /** Width of the uniform noise that a column with repeated values gets, if it can be chosen. 1 for whole numbers. */
  readonly resolution?: number;
}
