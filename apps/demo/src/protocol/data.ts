import type { DataChoice } from '../config.ts';

/** A box in the plane: `[low, high]` of each axis. */
export type Region = readonly [readonly [number, number], readonly [number, number]];

/** Data from which a worker prepares the rows. The same choice and seed give the same rows in every worker. */
export interface DataRequest {
  readonly choice: DataChoice;
  /** `[rows, 2]`, for drawn points and tables, which a worker cannot load itself. */
  readonly rows?: Float32Array;
  /** Names of the two columns of a table. */
  readonly columns?: readonly [string, string];
  /** Column of a table that colors the points: one value for each of `rows`. */
  readonly colors?: PointColors;
  /** Number of rows of the file that are left out because of gaps. */
  readonly skipped?: number;
  readonly seed: number;
}

/** A column that colors points. */
export interface PointColors {
  readonly name: string;
  /** One for each point: a number, or the index of its category. NaN where the cell is missing. */
  readonly values: Float32Array;
  /** Categories, most frequent first. Absent for a column of numbers. */
  readonly categories?: readonly string[];
}

/** The part of the data that the page shows. */
export interface DataView {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** Some rows to draw, `[shown, 2]`. */
  readonly points: Float32Array;
  /** Colors of `points`; absent if they have one color. */
  readonly colors?: PointColors;
  /** Number of training rows; 0 if every step draws new ones. */
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** Region that the pictures show. */
  readonly region: Region;
  /** Height of the pictures divided by their width: a map keeps its proportions. */
  readonly aspect: number;
  /** Lines to draw over the pictures, `[m, 2]`; a pair of NaN ends each line. */
  readonly outline?: Float32Array;
  /** Entropy in nats, if the density is known: the expected loss is never below it. */
  readonly entropy?: number;
  /** Source and license of the data. */
  readonly about: string;
}

/** Preview of a table before its columns are chosen. */
export interface TablePreview {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnPreview[];
  /** Assumptions of the reader, in a sentence: header, separator and decimal sign. */
  readonly reading: string;
}

export interface ColumnPreview {
  readonly name: string;
  /** The first cells, as they are read. */
  readonly first: readonly string[];
  /** `texts` can color the points, but cannot be an axis. */
  readonly kind: 'numbers' | 'dates' | 'texts';
  /** What the cells are read as, in words. */
  readonly readAs: string;
  /** Smallest number or first date; empty if there is none. */
  readonly least: string;
  /** Largest number or last date; empty if there is none. */
  readonly most: string;
  /** Indices of the rows whose cell is missing, from 0. */
  readonly gaps: Uint32Array;
  /** Why this column cannot be used; absent if it can. */
  readonly problem?: string;
  /** Width of the uniform noise that is added to a column with repeated values. 1 for whole numbers. */
  readonly resolution?: number;
}

/** The choice of columns and rows that a visitor makes. */
export interface TableChoice {
  /** Names of the two columns of the axes. */
  readonly columns: readonly [string, string];
  /** Name of the column that colors the points. Default: one color. */
  readonly color?: string;
  /** Whether rows with a gap in one of `columns` are left out. Otherwise a gap is an error. */
  readonly skipGaps: boolean;
}

/** Rows of a table, ready for a {@link DataRequest}. */
export type TableRows = Required<Pick<DataRequest, 'rows' | 'columns' | 'skipped'>> & Pick<DataRequest, 'colors'>;
