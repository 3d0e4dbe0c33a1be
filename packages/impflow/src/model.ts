import type { Evaluation } from './evaluate.ts';
import type { Report } from './report.ts';
import type { AnyRow, Cell, RowOf, Rows, Source } from './rows/rows.ts';

/** The score of a row. */
export interface Score {
  /**
   * `log p` of the row given its conditions, in nats, in the units of the table. A row with gaps has the log-density of
   * its known cells. NaN if a solve failed, or if the row lacks a condition that every training row has.
   */
  readonly logDensity: number;
  /** Standard error of `logDensity`; 0 where the log-density is exact. */
  readonly standardError: number;
  /**
   * Share of the test rows and this row whose log-density is at most the log-density of this row, in `(0, 1]`: exact for
   * at most 1,001 test rows, otherwise rounded up by less than 0.001. For a fresh row of the same distribution, the
   * share is at most `a` with probability at most `a`. It has its smallest possible value if a solve failed. NaN for a
   * row with gaps.
   */
  readonly pValue: number;
  /**
   * Percentage of the test rows that are less likely than this row, exact for at most 1,001 test rows; 0 if a solve
   * failed. NaN for a row with gaps.
   */
  readonly percentile: number;
  /** Whether every solve converged. True for a row without a log-density because it lacks a condition. */
  readonly converged: boolean;
}

/** How much one column contributes to the log-density of a row. */
export interface Reason {
  /** Name of the column. */
  readonly column: string;
  /**
   * Mean increase of the log-density of the row, in nats, if the cell were drawn given the other cells. NaN for a gap.
   */
  readonly nats: number;
  /** The cell itself. */
  readonly value: Cell;
  /** The likeliest value given the other cells. */
  readonly usual: Cell;
  /** Percentage of the draws of the cell, given the other cells, that are below its value. NaN for a gap. */
  readonly percentile: number;
}

/** Options of {@link Model.sample}. */
export interface SampleOptions<Row> {
  /** Conditions: one row for all draws. Required for a model with conditions. */
  readonly given?: Partial<Row>;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
  /** Scale of the noise of the base. Default 1. */
  readonly temperature?: number;
}

/** Options of {@link Model.impute}. */
export interface ImputeOptions {
  /** Completions of each row. Default 1. */
  readonly draws?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/**
 * A fitted distribution of rows. Values are in the units of the table. A key that a row lacks is a gap. The result for
 * a row does not depend on the other rows.
 */
export interface Model<Row extends RowOf<Row> = AnyRow> {
  /**
   * Assumptions, attempts and choices of the training, the final model, and its results on test rows, which were used
   * for no choice except the kinds of the columns and the removal of copies.
   */
  readonly report: Report;
  /**
   * Scores rows.
   *
   * @remarks Synchronous. A row with missing numbers costs 256 log-densities. The first such row also costs 4,000 draws
   * of the model, and about a second for a mixture that is fitted to them.
   * @throws `input` for an array without rows, a row without any column of the model, or a cell of another kind than its
   * column.
   */
  score(rows: readonly Partial<Row>[]): Score[];
  /**
   * Returns the contribution of each column to the log-density of a row, the greatest contribution first.
   *
   * @remarks Costs 64 log-densities for each column. The first call costs more, as in `score`.
   * @throws as `score`.
   */
  explain(row: Partial<Row>): Reason[];
  /**
   * Draws rows.
   *
   * @throws `option` for missing conditions, conditions that the model does not have, and more rows than memory holds.
   */
  sample(count: number, options?: SampleOptions<Row>): Row[];
  /**
   * Fills the gaps of rows by draws given the known cells: `[rows][draws]`. A row that cannot be filled, because a
   * condition is missing, stays unchanged.
   *
   * @remarks Costs `40 + 10 draws` log-densities for a row with gaps. The first row with gaps costs more: see `score`.
   * @throws as `score`.
   */
  impute(rows: readonly Partial<Row>[], options?: ImputeOptions): Row[][];
  /**
   * Evaluates the model on rows. The rows are weighted if they have the weight column of the training. Without `rows`,
   * evaluates the model on the test rows of the training. A loaded model reads the test rows again from the path of its
   * training data.
   *
   * @throws `input` for rows that cannot be read, or that have changed; `option` without `rows`, if the model was loaded
   * and its rows, or its separate validation or test rows, were in memory or at an address with a password or a query,
   * which no checkpoint stores.
   */
  evaluate(rows?: Source | Rows<Row>): Promise<Evaluation>;
  /**
   * Writes a folder with the file `checkpoint.safetensors` (Node). An existing model is replaced only with `force`.
   *
   * @throws `input` for an existing model without `force`, or if the file cannot be written.
   */
  save(folder: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Returns the bytes that `save` writes. */
  toBytes(): Uint8Array;
  /** Frees the memory of the model. The model cannot be used afterwards. */
  dispose(): void;
}
