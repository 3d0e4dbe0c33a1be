import type { DataChoice } from '../config.ts';

/** A box in the plane: `[low, high]` of each axis. */
export type Region = readonly [readonly [number, number], readonly [number, number]];

/** What a worker needs to prepare the rows. The same choice and seed give the same rows in every worker. */
export interface DataRequest {
  readonly choice: DataChoice;
  /** `[rows, 2]`, for drawn points and tables, which a worker cannot load itself. */
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
  /** Number of training rows; 0 if every step draws new ones. */
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** Region that the pictures show. */
  readonly region: Region;
  /** Entropy in nats, if the density is known: the expected loss is never below it. */
  readonly entropy?: number;
  /** Source and license of the data. */
  readonly about: string;
}

/** Preview of a table before two of its columns are chosen. */
export interface TablePreview {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnPreview[];
}

export interface ColumnPreview {
  readonly name: string;
  /** The first cells, as they will be read. */
  readonly first: readonly string[];
  readonly min: number;
  readonly max: number;
  /** Why this column cannot be chosen; absent if it can. */
  readonly problem?: string;
  /** Width of the uniform noise that is added to a column with repeated values. 1 for whole numbers. */
  readonly resolution?: number;
}
