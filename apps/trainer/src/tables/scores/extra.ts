import type { Frame, FrameColumn, ScoredRows, TrainedRecords, Values } from '@impflow/tables';
import type { Model } from 'impflow';
import type { Cell } from '../../terminal/table.ts';

/** Additional output of `score` for the options `--alarm`, `--explain` and `--repair`. */
export interface Extras {
  /** Additional columns of the file of scores. */
  readonly columns: readonly FrameColumn[];
  /** Headings of additional columns in the terminal. `cells` returns the cells of a row in these columns. */
  readonly head: readonly string[];
  cells(row: number): readonly Cell[];
  /** Additional fields of the JSON. `jsonOf` returns the additional fields of a row. */
  readonly json: object;
  jsonOf(row: number): object;
  /** Sentences that are printed after the table. */
  readonly lines: readonly string[];
}

/** Scored rows that {@link extrasOf} flags, explains and repairs. */
export interface ToJudge {
  readonly trained: TrainedRecords;
  /**
   * The rows as the model reads them. In columns to which training adds noise, each number is the middle of the
   * interval that its noise covers.
   */
  readonly values: Values;
  readonly scores: ScoredRows;
  /** The cells as the file contains them. */
  readonly frame: Frame;
  /** Opens the model of the run, which repairs rows. */
  readonly model: () => Model;
  /** Name of the file with the rows. */
  readonly source: string;
}
