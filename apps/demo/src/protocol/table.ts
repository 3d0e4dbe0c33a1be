import type { Report } from 'impflow';
import type { Tick } from '../axes.ts';
import type { TablePreview } from './data.ts';

/** Words of the error for a model of a table that has no plane. Errors of workers lose their codes. */
export const OTHER_TABLE = 'is a model of a table, but not of two columns of plain numbers';

/** A file that the visitor gave: its name and its contents. */
export interface TableFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The visitor's choices for learning a whole table. */
export interface LearnChoice {
  /** Names of the columns that the model learns, in the order of the file. */
  readonly columns: readonly string[];
  /** Duration of the training in seconds. Has no effect if `steps` is above 0. */
  readonly seconds: number;
  /** Number of training steps. 0: the training ends after `seconds`. */
  readonly steps: number;
  readonly seed: number;
}

/** How far a training is. */
export interface LearnProgress {
  /** Finished share of the training, in `[0, 1]`. */
  readonly share: number;
  /** What the training does, as a sentence. */
  readonly text: string;
}

/** A column of a learned table. */
export interface LearnedColumn {
  readonly name: string;
  readonly kind: 'number' | 'date' | 'category';
}

/** Scores of the rows of a table. The rows are counted from 0, in the order of the file. */
export interface RowScores {
  /** Name of the file. */
  readonly source: string;
  readonly count: number;
  /** p-value of each row among the test rows of the training. NaN for a row with empty cells. */
  readonly pValues: Float64Array;
  /** Number of empty cells of each row in the learned columns. */
  readonly gaps: Uint16Array;
  /** The rows without empty cells that are least likely, the least likely first. */
  readonly strangest: readonly number[];
  /** The first rows with empty cells. */
  readonly withGaps: readonly number[];
  /** Sentences about cells that training did not see. */
  readonly remarks: readonly string[];
}

/** A model of a table that is open in the worker. */
export interface LearnedTable {
  readonly columns: readonly LearnedColumn[];
  readonly report: Report;
  /** Scores of the table. Absent for a model from a file, until the visitor opens a table. */
  readonly rows?: RowScores;
}

/** An axis of the picture of two columns. */
export interface PairAxis {
  readonly name: string;
  /** Marks of the axis. `at` is a position from 0 to 1. */
  readonly ticks: readonly Tick[];
  /** Number of categories on the axis, each with a band of equal width. Absent for numbers and dates. */
  readonly bands?: number;
}

/** The picture of two columns: the rows of the table, and how often the model draws each pair of values. */
export interface PairPicture {
  readonly across: PairAxis;
  readonly up: PairAxis;
  /** Position of each row from 0 to 1, `[rows, 2]`. NaN if a cell is empty. */
  readonly rows: Float32Array;
  /** Width and height of `light`. */
  readonly size: readonly [width: number, height: number];
  /** Logarithm of the share of draws in each cell of a grid, `[height, width]`. The first row is the top row. */
  readonly light: Float32Array;
  /** Number of draws. */
  readonly draws: number;
}

/** How one cell of a row fits the other cells of the row. */
export interface CellReason {
  readonly column: string;
  /** Nats that the cell costs. NaN for an empty cell. */
  readonly nats: number;
  readonly value: string;
  /** The most likely value of the cell, given the other cells. */
  readonly usual: string;
}

/** An empty cell of a row, with the values that the model draws for it given the other cells. */
export interface FilledCell {
  readonly column: string;
  /**
   * Texts with their shares, the most frequent first. For numbers and dates, the middle of the draws, and the range that
   * holds 90 % of them.
   */
  readonly text: string;
}

/** What the worker of a learned table can do. The worker holds one table and one model. */
export interface TableWorker {
  /**
   * Describes the columns of a table.
   *
   * @throws `input` for a file that cannot be read, or that is not a table of at least two columns and ten rows.
   */
  preview(file: TableFile): Promise<TablePreview>;
  /**
   * Learns a table. `tell` receives the progress, a few times a second.
   *
   * @throws `input` for a table that cannot be learned.
   */
  learn(file: TableFile, choice: LearnChoice, tell: (progress: LearnProgress) => void): Promise<LearnedTable>;
  /** Opens a model that `impflow train` or this page wrote. @throws `checkpoint` if the bytes hold no such model. */
  open(name: string, bytes: Uint8Array): Promise<LearnedTable>;
  /** Scores the rows of another table with the model. @throws `input` if the table lacks a column. */
  score(file: TableFile): Promise<RowScores>;
  pair(across: string, up: string): PairPicture;
  /** Returns the cells of a row and what each of them costs, the most expensive first. */
  explain(row: number): readonly CellReason[];
  /** Returns what the model draws for the empty cells of a row. */
  fill(row: number): readonly FilledCell[];
  /** Returns the table with the columns of `impflow score`, as CSV. */
  scoresAsCsv(): string;
  /** Returns the table with its empty cells filled, as `impflow impute` writes it. */
  filledAsCsv(): string;
  /** Returns the checkpoint of the model, which the `impflow` commands read. */
  checkpoint(): Uint8Array;
  ping(): number;
}
