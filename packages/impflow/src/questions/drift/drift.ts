import type { Rows, Source } from '../../rows/rows.ts';
import type { Relation } from './relations.ts';

/** Options of {@link Model.drift}. */
export interface DriftOptions<Row> {
  /** Rows to compare with. Default: the test rows of the training, which a loaded model reads again. */
  readonly reference?: Source | Rows<Row>;
  /** Column of numbers or dates that gives the order of the rows. Default: the rows are in their order. */
  readonly by?: string;
  /** Rate of false alarms of each of the two tests, from 0.00125 to 1. Default 0.01. */
  readonly alpha?: number;
  /** Seed of the samples, halves and permutations. Default 0. */
  readonly seed?: number;
}

/** How the distribution of a column differs between the reference rows and the new rows. */
export interface ColumnDrift {
  /** Name of the column. */
  readonly column: string;
  /**
   * p-value of the hypothesis that the column alone has one distribution: its mean, spread, categories and gaps.
   * Corrected for the number of all tested features.
   */
  readonly pValue: number;
  /** The feature of the column that changed most, in words. */
  readonly change: string;
  /**
   * Increase, in nats, of what the column costs given the other columns: see `explain`. The mean over at most 250 rows of
   * each table without gaps, fewer with more than two columns; infinite costs are left out. NaN for a condition, and
   * without an alarm of one of the two tests.
   */
  readonly nats: number;
  /** Standard error of `nats`. */
  readonly standardError: number;
  /** p-value of the hypothesis that `nats` is 0, corrected for the number of columns. */
  readonly natsPValue: number;
}

/** How the relation of two columns differs between the reference rows and the new rows. */
export interface PairDrift extends Omit<Relation, 'columns'> {
  /** Names of the columns. */
  readonly columns: readonly [string, string];
}

/** What a watch of the new rows in their order found. */
export interface StreamDrift {
  /**
   * Anytime-valid p-value: a stream without drift has this much evidence at any of its rows with at most this
   * probability.
   */
  readonly pValue: number;
  /** Number of the row, from 1, at which the evidence reached `1 / alpha`. Undefined without an alarm. */
  readonly alarm: number | undefined;
  /** Number of the row, from 1, at which the change probably began. Undefined without an alarm. */
  readonly since: number | undefined;
  /** What raised the alarm, in words. Undefined without an alarm. */
  readonly feature: string | undefined;
  /** Numbers of the rows, from 1, that were watched, in their order. */
  readonly rows: Uint32Array;
  /** Logarithm, to base 10, of the evidence after each watched row. */
  readonly evidence: Float64Array;
}

/** Result of {@link Model.drift}. */
export interface Drift {
  /** Whether the new rows have another distribution than the reference rows: `pValue <= alpha`. */
  readonly drifted: boolean;
  /** p-value of the hypothesis that both tables have one distribution. Its level is exact for every model. */
  readonly pValue: number;
  /** The option `alpha`: the rate of false alarms of each of the two tests. */
  readonly alpha: number;
  /** p-values of the two parts of the test. `ratio` is undefined for too few rows without gaps. */
  readonly tests: { readonly shifts: number; readonly ratio: number | undefined };
  /** The rows in time. */
  readonly stream: StreamDrift;
  /** Columns in the order of their importance: see `because`. */
  readonly columns: readonly ColumnDrift[];
  /** Pairs of columns, the smallest p-value first, at most 20. */
  readonly pairs: readonly PairDrift[];
  /** Increase of the loss, new rows minus reference rows, in nats per row, over the tested rows without gaps. */
  readonly nats: { readonly difference: number; readonly standardError: number };
  /** Log-densities of the tested rows without gaps, in nats. NaN for a failed solve. */
  readonly scores: { readonly reference: Float64Array; readonly rows: Float64Array };
  /** Numbers of rows: all rows, the tested rows, tested rows with gaps, and rows whose solves failed. */
  readonly counts: { readonly reference: RowCounts; readonly rows: RowCounts };
  /** The result and its cause, in sentences. */
  readonly because: string;
  /** Sentences for the user that state what was sampled or left out. */
  readonly remarks: readonly string[];
}

/** Numbers of rows of a table. */
export interface RowCounts {
  /** Number of rows of the table. */
  readonly all: number;
  /** Number of rows that were tested: all, or a random sample. */
  readonly tested: number;
  /** Number of tested rows with gaps. */
  readonly gaps: number;
  /** Number of tested rows whose solves failed. They count as less likely than all other rows. */
  readonly unsolved: number;
}
