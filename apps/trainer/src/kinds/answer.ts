import type { NormAudit } from '@impflow/lipschitz';
import type { ComputingOptions } from '../adapters/backends.ts';
import type { ReadingOptions } from '../dataset/source.ts';
import type { Cell } from '../terminal/table.ts';

/** Result of a command: JSON for programs, text for people. */
export interface Answer {
  readonly json: object;
  readonly text: () => string;
}

/** Options of commands that compute log-densities. */
interface JudgingOptions extends ComputingOptions, ReadingOptions {
  /**
   * Estimator of the log-determinants. Default: the estimator of the spec; if the spec has none, `exact` up to 256
   * columns or 64 numbers of an image, then `roulette`.
   */
  readonly logdet?: string;
}

/** Options of `evaluate`. */
export interface EvaluateOptions extends JudgingOptions {
  /** Data on which the model is evaluated. Default: the test data of the run. */
  readonly data?: string;
  /** Prints solver statistics, round-trip errors and Lipschitz bounds too. Default false. */
  readonly solver?: boolean;
}

/** Options of commands that compute rows in parts. */
export interface PartsFlags {
  /** Number of processes of this machine that compute parts, or `auto` for one process per core. */
  readonly workers?: number | 'auto';
  /** Address of a queue, whose workers compute the parts. Default: processes of this machine. */
  readonly queue?: string;
  /** Maximum number of rows in a part. */
  readonly partRows?: number;
  /** Size of a part of a text file, in bytes. */
  readonly partBytes?: number;
  /** Which parts this process computes, if several processes compute one job in the same folder. Default: all. */
  readonly share?: { readonly index: number; readonly of: number };
  /** Format of the files in a folder of parts. */
  readonly format?: 'csv' | 'parquet' | 'npy';
}

/** Options of `score`. */
export interface ScoreOptions extends JudgingOptions, PartsFlags {
  /** Path of the output: a file, or a folder for the part files of a large table. */
  readonly out?: string;
  readonly force?: boolean;
  /** Prints how much each column contributes to the density of a row. Default false. */
  readonly explain?: boolean;
  /** Prints the cheapest change that makes a strange row usual. Default false. */
  readonly repair?: boolean;
  /**
   * Rate of false alarms, between 0 and 1. Rows whose p-value is at most this rate are flagged. Default: no row is
   * flagged.
   */
  readonly alarm?: number;
  /** Event that the rows are known to fulfil, as text. */
  readonly given?: string;
}

/** Options of `impute`. */
export interface ImputeOptions extends JudgingOptions {
  /** Number of completions of each row. */
  readonly draws: number;
  readonly seed: number;
  /** Event that the filled rows fulfil, as text. */
  readonly given?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** Options of `probability`. */
export interface ProbabilityOptions extends ComputingOptions {
  /** Event among whose rows the probability is computed, and values of the conditions of the model, as text. */
  readonly given?: string;
  readonly draws: number;
  readonly seed: number;
}

/** Options of `drift`. */
export interface DriftOptions extends JudgingOptions {
  /** Column that gives the order of the rows. Default: their order in the file. */
  readonly by?: string;
  /** Rows to compare with. Default: the test rows of the run. */
  readonly reference?: string;
  /** Rate of false alarms. */
  readonly alarm: number;
  readonly seed: number;
  /** Path of the picture, a .png file. Default: no picture. */
  readonly picture?: string;
  readonly force?: boolean;
}

/** Options of `sample`. */
export interface SampleOptions extends ComputingOptions, PartsFlags {
  readonly n?: number;
  readonly seed: number;
  readonly temperature: number;
  /** Conditions: a file, or values such as `x1=3,x2=A`; or an event that the rows fulfil, such as `x > 3 and y = A`. */
  readonly given?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** Options of `plot`. */
export interface PlotOptions extends ComputingOptions, ReadingOptions {
  /** Data that the picture shows together with the model. Default: the test data of the run. */
  readonly data?: string;
}

/** Options of `report`. */
export interface ReportOptions extends ComputingOptions, ReadingOptions {
  /** Synthetic rows, which the report compares with the real rows. */
  readonly synthetic?: string;
  /** Path of the HTML file. Default: `report.html` in the run folder. */
  readonly out?: string;
  readonly force?: boolean;
}

/** The commands that can be called on a trained run. Each kind of run implements these functions. */
export interface RunCommands {
  /** Evaluates the model on held-out data. */
  evaluate(options: EvaluateOptions): Promise<Answer>;
  /** Scores each row or image of a file. */
  score(file: string, options: ScoreOptions): Promise<Answer>;
  /** Returns the rows of a file with their gaps filled. */
  impute(file: string, options: ImputeOptions): Promise<Answer>;
  /** Estimates the probability of an event. */
  probability(event: string, options: ProbabilityOptions): Promise<Answer>;
  /** Compares the rows of a file with rows that the model was not trained on. */
  drift(file: string, options: DriftOptions): Promise<Answer>;
  /** Draws samples of the model. */
  sample(options: SampleOptions): Promise<Answer>;
  /** Writes a report as one HTML file. `rows`: rows that the report shows in place of the test rows of the run. */
  report(rows: string | undefined, options: ReportOptions): Promise<Answer>;
  /** Draws the pictures into the run folder. Returns their paths. */
  plot(options: PlotOptions): Promise<readonly string[]>;
  /** Returns what `inspect` prints about the data and the model. Takes some seconds for nets on images. */
  about(): About;
}

/** The part of the result of `inspect` that depends on the kind of run. */
export interface About {
  readonly json: object;
  /** Lines that describe the data. */
  readonly lines: readonly (readonly Cell[])[];
  /** Lines that describe the model. */
  readonly model: readonly (readonly Cell[])[];
  /** Lines that describe Lipschitz bounds of nets that are bounded by construction. */
  readonly bounds: readonly (readonly Cell[])[];
  /** Number of learned parameters. */
  readonly parameters: number;
  /** Every layer whose norm is capped, with its norm. */
  readonly audit: readonly NormAudit[];
}
