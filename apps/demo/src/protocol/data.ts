import type { DataChoice } from '../config.ts';

/** A rectangle in the plane: `[low, high]` of each axis. */
export type Region = readonly [readonly [number, number], readonly [number, number]];

/** The input from which a worker prepares the data rows. Two workers with the same request prepare the same rows. */
export interface DataRequest {
  readonly choice: DataChoice;
  /** The rows of drawn points or of a table, `[rows, 2]`. A worker cannot load these rows itself. */
  readonly rows?: Float32Array;
  /** Names of the two columns of a table. */
  readonly columns?: readonly [string, string];
  /** Column of a table that determines the color of each row in `rows`. */
  readonly colors?: PointColors;
  /** Number of rows of the file that are left out because they have missing cells. */
  readonly skipped?: number;
  readonly seed: number;
}

/** A column that determines the colors of points. */
export interface PointColors {
  readonly name: string;
  /** One value for each point: a number, or the index of the point's category. NaN if the cell is missing. */
  readonly values: Float32Array;
  /** Names of the categories, most frequent first. Absent if the values are numbers. */
  readonly categories?: readonly string[];
}

/** The part of the prepared data that the page shows. */
export interface DataView {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** The training rows that are drawn, `[shown, 2]`. */
  readonly points: Float32Array;
  /** Colors of `points`. Absent if all points have the same color. */
  readonly colors?: PointColors;
  /** Number of training rows. 0 if every step draws new rows. */
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** The region of the data plane that the pictures show. */
  readonly region: Region;
  /**
   * Height of the pictures divided by their width. For geographic data this ratio gives a map its usual proportions.
   */
  readonly aspect: number;
  /** Lines to draw over the pictures, `[m, 2]`; a pair of NaN ends each line. */
  readonly outline?: Float32Array;
  /** Entropy in nats, if the density of the data is known. No model can have an expected loss below the entropy. */
  readonly entropy?: number;
  /** Source and license of the data. */
  readonly about: string;
}

/** Description of a table, from which the visitor chooses columns. */
export interface TablePreview {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnPreview[];
  /** A sentence that describes how the file was read: the header, the separator and the decimal sign. */
  readonly reading: string;
}

/** Whether a model of the whole table can learn a column, and whether the page chooses the column at first. */
export interface LearnRole {
  /** What the model reads in the cells. Absent if the column cannot be learned. */
  readonly as?: 'numbers' | 'dates' | 'categories';
  readonly chosen: boolean;
  /** Why the column cannot be learned, or is not chosen at first. */
  readonly why?: string;
}

export interface ColumnPreview {
  readonly name: string;
  readonly learn: LearnRole;
  /** The first cells of the column, as text. The text shows how the page has interpreted the cells. */
  readonly first: readonly string[];
  /** Kind of the cells. A column of kind `texts` can determine colors, but cannot be an axis. */
  readonly kind: 'numbers' | 'dates' | 'texts';
  /** How the page interprets the cells of the column, as a phrase that the page shows. */
  readonly readAs: string;
  /** Smallest number or first date. An empty string if the column has no numbers and no dates. */
  readonly least: string;
  /** Largest number or last date. An empty string if the column has no numbers and no dates. */
  readonly most: string;
  /** Indices of the rows whose cell in this column is missing. The first row has index 0. */
  readonly gaps: Uint32Array;
  /** The reason why this column cannot be used. Absent if the column can be used. */
  readonly problem?: string;
  /** Width of the uniform noise that is added to a column with repeated values, for example 1 for whole numbers. */
  readonly resolution?: number;
}

/** The visitor's choice of columns and rows. */
export interface TableChoice {
  /** Names of the columns of the horizontal and the vertical axis. */
  readonly columns: readonly [string, string];
  /** Name of the column that determines the colors of the points. Default: all points have the same color. */
  readonly color?: string;
}

/** The chosen rows of a table, for a {@link DataRequest}. */
export type TableRows = Required<Pick<DataRequest, 'rows' | 'columns' | 'skipped'>> & Pick<DataRequest, 'colors'>;
