import type { Evaluation } from './evaluate.ts';
import type { Drift, DriftOptions } from './questions/drift/drift.ts';
import type { Probability } from './questions/ranges/estimate.ts';
import type { RowEvent } from './questions/ranges/event.ts';
import type { ProbabilityOptions } from './questions/ranges/probability.ts';
import type { Repair, RepairOptions } from './questions/repair/types.ts';
import type { SyntheticReport } from './questions/synthetic/judge-synthetic.ts';
import type { Report } from './report.ts';
import type { AnyRow, Cell, RowOf, Rows, Source } from './rows/rows.ts';

/** The score of a row. */
export interface Score {
  /**
   * `log p` of the row given its conditions, in nats, in the units of the table. For a row with gaps (empty cells), the
   * log-density of its known cells. NaN if a solve failed, or if the row lacks a condition that every training row has.
   */
  readonly logDensity: number;
  /** Standard error of `logDensity`; 0 where the log-density is exact. */
  readonly standardError: number;
  /**
   * p-value in `(0, 1]`: among the test rows and this row, the share of rows whose log-density is at most the
   * log-density of this row. The share is exact for at most 1,001 test rows, and otherwise rounded up by less than
   * 0.001. For a new row from the distribution of the table and any number `a`, the p-value is at most `a` with a
   * probability of at most `a`. If a solve failed, the share has its smallest possible value. NaN for a row with gaps.
   */
  readonly pValue: number;
  /**
   * Percentage of the test rows that are less likely than this row. The percentage is exact for at most 1,001 test
   * rows. If a solve failed, the percentage is 0. NaN for a row with gaps.
   */
  readonly percentile: number;
  /**
   * Whether every equation solve for this row converged. Also true for a row that has no log-density because a
   * condition is missing.
   */
  readonly converged: boolean;
}

/** How much one column of a row lowers the log-density of the row. */
export interface Reason {
  /** Name of the column. */
  readonly column: string;
  /**
   * Mean increase of the log-density of the row, in nats, that replacing the cell by a draw given the other cells would
   * give. NaN for a gap (empty cell).
   */
  readonly nats: number;
  /** The value of the cell in the row. */
  readonly value: Cell;
  /** The most likely value of the cell, given the other cells. */
  readonly usual: Cell;
  /**
   * Percentage of the draws of the cell, given the other cells, that are below its value, rounded to a whole number. For
   * a category, the probability of all categories that are at most as likely, in percent, rounded to tenths. NaN for a
   * gap.
   */
  readonly percentile: number;
}

/** Options of {@link Model.score}. */
export interface ScoreOptions<Row = AnyRow> {
  /**
   * Event that the rows are known to fulfil, such as `{ age: { above: 40 } }` or `age > 40`. The log-density is then
   * `log p(row) - log P(event)`, -Infinity for a row outside of the event, and its standard error contains the error of
   * `P(event)`. p-values and percentiles are NaN. The event must not name conditions of the model. Default: none.
   */
  readonly given?: RowEvent<Row>;
  /**
   * Receives a sentence for each column with cells that differ from all cells of the training rows: categories that
   * training did not see, and fractions in a column of whole numbers. Default: none.
   */
  readonly onRemark?: (text: string) => void;
}

/** Options of {@link Model.sample}. */
export interface SampleOptions<Row> {
  /**
   * Event that all drawn rows fulfil, such as `{ age: { above: 40 }, kind: ['oak', 'ash'] }` or `age > 40`. For a model
   * with conditions, also one value for each condition. Default: none.
   */
  readonly given?: RowEvent<Row>;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
  /** Factor by which the draws of the base density are scaled, above 0 and at most 10. Default 1. */
  readonly temperature?: number;
}

/** Options of {@link Model.impute}. */
export interface ImputeOptions<Row = AnyRow> {
  /**
   * Event that the filled rows fulfil, such as `{ age: { above: 40 } }` or `age > 40`. A row whose gaps cannot be filled
   * so that it fulfils the event is returned unchanged, and so is a row without gaps. The event must not name conditions
   * of the model. Default: none.
   */
  readonly given?: RowEvent<Row>;
  /** Number of random completions of each row. Default 1. */
  readonly draws?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/** Options of {@link Model.judgeSynthetic}. */
export interface JudgeSyntheticOptions {
  /** Seed of the choice of rows, if there are too many to compare all. Default 0. */
  readonly seed?: number;
}

/**
 * A fitted distribution of the rows of a table. Values are in the units of the table. A missing key in a row is a gap
 * (empty cell). The result for a row does not depend on the other rows of a call.
 */
export interface Model<Row extends RowOf<Row> = AnyRow> {
  /**
   * Report on the training: assumptions, attempted and chosen options, the kind of the final model, and its results on
   * test rows. The test rows had an influence only on the kinds of the columns, the removal of copies, the remarks on far
   * cells, and the time that the training left for the evaluation.
   */
  readonly report: Report;
  /**
   * Scores rows.
   *
   * @remarks Synchronous. The score of a row with missing numbers costs 256 log-densities. The first row with a
   * gap of any kind also costs 4,000 draws of the model, and about a second for a mixture that is fitted to these draws.
   * @throws `input` for an array without rows, a row without any column of the model, or a cell of another kind than
   * its column; `option` for a wrong option; with `given`, the errors of `probability`.
   */
  score(rows: readonly Partial<Row>[], options?: ScoreOptions<Row>): Score[];
  /**
   * Returns how much each column lowers the log-density of a row. The column with the largest contribution comes first.
   *
   * @remarks Costs 64 log-densities for each column. The first call costs more, as in `score`.
   * @throws as `score`.
   */
  explain(row: Partial<Row>): Reason[];
  /**
   * Draws random rows from the model. With an event in `given`, returns rows that fulfil the event.
   *
   * @remarks If at least 1 % of the draws of the model fulfil the event, other draws are rejected, which costs `count`
   * draws divided by the probability of the event, and at least 4,000. The rows of a rarer event are resampled from at
   * most 400,000 draws with importance weights (Rubin, 1988); a row may then occur twice.
   * @throws `option` for missing conditions, conditions that the model does not have, more rows than fit into memory, a
   * temperature that is not above 0 and at most 10, and draws that overflow at a temperature above 1; `input` for a
   * condition that is a category that training did not see, or a number that is further from the training values than
   * ten times their range; `convergence` for an event that is too rare; the errors of an event: see `probability`.
   */
  sample(count: number, options?: SampleOptions<Row>): Row[];
  /**
   * Fills the gaps (empty cells) of rows by random draws given the known cells. Returns `draws` completions of each
   * row, as `[rows][draws]`. Known cells are returned as they were given. A row with a missing condition cannot be filled and is returned unchanged.
   *
   * @remarks Costs `40 + 10 draws` log-densities for a row with gaps, and ten times as many with `given`. The first row with gaps costs more: see `score`.
   * @throws as `score`.
   */
  impute(rows: readonly Partial<Row>[], options?: ImputeOptions<Row>): Row[][];
  /**
   * Returns the probability that a row of the table fulfils an event, with a standard error. An event is an object such
   * as `{ price: { above: 100 }, kind: ['oak', 'ash'] }`, in which all columns must fit, or text such as
   * `price > 100 and kind = oak`: see {@link RowEvent}. With `given`, the probability among the rows that fulfil `given`.
   *
   * @remarks Events on a few columns of categories are summed exactly. Other events cost `draws` draws of the model, and
   * a rare event also costs 2,000 to some 100,000 draws that adapt a proposal to it: importance sampling by the cross-entropy
   * method (Rubinstein, Kroese, The Cross-Entropy Method, 2004, algorithm 3.2) in the space of the base density.
   * @throws `option` for an event that cannot be read, an unknown column, a condition of the model in the event, a single
   * value of a column whose values do not repeat, a category that training did not see, and a wrong option; `input` for
   * a value of another kind than its column, and for an event in `given` that no draw fulfils.
   */
  probability(event: RowEvent<Row>, options?: ProbabilityOptions<Row>): Probability;
  /**
   * Finds the cheapest change of a strange row that lifts its p-value above `alpha`, and returns what the row would then
   * be. Among changes of equal cost, the change with the most likely row is returned.
   *
   * The new value of a cell is the most likely of its draws given the other cells, not the value nearest to the old one:
   * a wrong value says little about the right one, and the nearest accepted value is at the edge of what is usual. An
   * exception are slips of the hand. If a number with its decimal point moved by up to three places or with the other
   * sign, or the most similar known category, lifts the p-value and is at most 3 nats less likely than the most likely
   * draw, this value is returned: 1980 for 19800. New values are on the grid of their column.
   *
   * @remarks Each set of columns that is tried costs `draws` log-densities. All single columns are tried, then
   * up to 28 pairs, and then larger sets, as long as a set may be cheaper than the best change. If `alpha` is below
   * `1 / (n + 1)` for `n` test rows, no row is strange.
   * @throws as `score`; `input` for a row with gaps, which has no p-value; `option` for a wrong option, and for a model
   * without test rows.
   * @see Fellegi, Holt, A systematic approach to automatic edit and imputation, JASA 71, 1976, for the smallest set of
   * cells to change; Ustun, Spangher, Liu, Actionable recourse in linear classification, 2019, for changes with costs.
   */
  repair(row: Partial<Row>, options?: RepairOptions): Repair<Row>;
  /**
   * Evaluates the model on rows. The rows are weighted if they have the weight column of the training. Without `rows`,
   * evaluates the model on the test rows of the training. A loaded model reads the test rows again from the path of its
   * training data.
   *
   * @throws `input` for rows that cannot be read, or that have changed; `option` if `rows` is absent and the checkpoint
   * of a loaded model does not store where its rows are. A checkpoint does not store the location of rows in memory, or
   * an address with a password or a query.
   */
  evaluate(rows?: Source | Rows<Row>): Promise<Evaluation>;
  /**
   * Compares synthetic rows with the rows of the training: how well they resemble real rows (columns, correlations, a
   * classifier), and whether they reveal which real rows were training rows (copies, distances, a membership test). Rows
   * with gaps are left out. The rows of the training are read again from their path or address.
   *
   * @remarks Costs some seconds: at most 3,000 rows of each kind are compared with each other.
   * @throws as `evaluate` without rows; `input` for rows that cannot be read, or if each row has a gap.
   */
  judgeSynthetic(rows: Source | Rows<Row>, options?: JudgeSyntheticOptions): Promise<SyntheticReport>;
  /**
   * Compares new rows with rows that the model was not trained on: whether the distribution changed, since which row, and
   * which columns or pairs of columns changed. Without the option `reference`, the rows are compared with the test rows
   * of the training, which a loaded model reads again.
   *
   * @remarks If both tables have one distribution, `drifted` is true with a probability of at most `alpha`, for every
   * model and every number of rows. `stream.alarm` is set with a probability of at most `alpha`, for any number of rows.
   * The rate holds for independent rows; a model whose training dropped copies compares rows without copies, and says so.
   * The result is the same for rows in another order, except `stream`. At most 20,000 new rows and 10,000 reference rows
   * are compared; of more rows, a random sample. Row weights are ignored. Takes some seconds: one log-density of each
   * row, and at most 60,000 log-densities for the columns.
   * @throws `input` for fewer than 10 rows, for rows that cannot be read, or that have changed; `option` for a wrong
   * option, or if the reference rows are missing.
   * @see docs/decisions/034-questions.md for the tests.
   */
  drift(rows: Source | Rows<Row>, options?: DriftOptions<Row>): Promise<Drift>;
  /**
   * Writes the model as the file `checkpoint.safetensors` into a folder (Node). An existing model is replaced only with
   * the option `force`.
   *
   * @throws `input` for an existing model without `force`, or if the file cannot be written.
   */
  save(folder: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Returns the model as bytes: the contents of the file that `save` writes. */
  toBytes(): Uint8Array;
  /** Frees the memory of the model. The model cannot be used afterwards. */
  dispose(): void;
}
