import type { Cell } from '../../rows/rows.ts';

/** Options of `Model.repair`. */
export interface RepairOptions {
  /** A row is strange if its p-value is at most `alpha`, in `(0, 1)`. Default 0.05. */
  readonly alpha?: number;
  /** Cost of a change of each column, above 0, by name. Default: 1 for each column that is not named. */
  readonly costs?: Readonly<Record<string, number>>;
  /** Names of columns that must not change. Default: none. */
  readonly fixed?: readonly string[];
  /** Whether conditions of the model may change too. Default false. */
  readonly conditions?: boolean;
  /** Number of draws of new values for each set of columns that is tried. Default 64. */
  readonly draws?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/** A change of one cell. */
export interface Change {
  /** Name of the column. */
  readonly column: string;
  /** The value of the cell in the given row. */
  readonly from: Cell;
  /** The value of the cell in the repaired row. */
  readonly to: Cell;
}

/** Result of `Model.repair`. */
export interface Repair<Row> {
  /**
   * `fits` if the p-value of the row is already above `alpha`, `repaired` if a change lifts it above `alpha`, and
   * `impossible` if no change of the allowed columns was found that does.
   */
  readonly outcome: 'fits' | 'repaired' | 'impossible';
  /** The changed cells, in the order of the columns of the model. Empty unless the outcome is `repaired`. */
  readonly changes: readonly Change[];
  /** The row with its changes. Cells that do not change are returned as they were given. */
  readonly row: Partial<Row>;
  /** p-value of the given row. */
  readonly before: number;
  /** p-value of `row`, as `score` returns it. */
  readonly pValue: number;
  /** Sum of the costs of the changed columns. */
  readonly cost: number;
}
