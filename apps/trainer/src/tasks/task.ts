import type { TablePart } from '@impflow/tables';
import type { ScoreCounts } from '../kinds/scores/score-remarks.ts';
import type { TrainTask } from './train-task.ts';

/** What tasks on a trained run have in common. */
interface RunTask {
  /** Path or URL of the run folder or its checkpoint. */
  readonly run: string;
  /** SHA-256 of the checkpoint in hexadecimal digits, so that all parts come from the same weights. */
  readonly checkpoint: string;
  /** Path of the file to write. It appears whole, or not at all. */
  readonly out: string;
  /** Name of the job: see `JobFolder.id`. */
  readonly job: string;
  /** Backend. Default: that of the process. */
  readonly backend?: string;
}

/** Scores a part of a table. */
export interface ScoreTask extends RunTask {
  readonly kind: 'score';
  readonly part: TablePart;
  /** Columns to read. Default: all, which are taken for those of the model in their order. */
  readonly columns?: readonly string[];
  /** Estimator of the log-determinants: see `--logdet`. */
  readonly logdet?: string;
  /** Rate of false alarms: see `--alarm`. */
  readonly alarm?: number;
}

/** Draws the rows `[first, first + count)` of a sample. */
export interface SampleTask extends RunTask {
  readonly kind: 'sample';
  readonly first: number;
  readonly count: number;
  readonly seed: number;
  readonly temperature: number;
  /** The conditions of all rows, by column. */
  readonly given?: Readonly<Record<string, string | number>>;
}

/** One of the least likely rows of a part. */
export interface LowRow {
  /** Index within the part, from 0. */
  readonly row: number;
  /** The columns of scores, by name. `null` for NaN, `-Infinity` as text. */
  readonly scores: Readonly<Record<string, number | string | null>>;
}

/** What a task reports of the file that it wrote. */
export interface WrittenPart {
  readonly rows: number;
  /** Size of the file. */
  readonly bytes: number;
  /** SHA-256 of the file in hexadecimal digits. */
  readonly sha256: string;
}

/** Result of a {@link ScoreTask}. */
export interface ScoredPart extends WrittenPart, ScoreCounts {
  /** Flagged rows, if the task has a rate of false alarms. */
  readonly flagged?: number;
  /** At most ten rows, the least likely first. */
  readonly lowest: readonly LowRow[];
  /** What was assumed of the cells, in sentences. */
  readonly remarks: readonly string[];
}

/** A task whose result is a file of rows. */
export type PartTask = ScoreTask | SampleTask;

/** A task of a queue. */
export type Task = PartTask | TrainTask;

/** The result of each task. */
export type ResultOf<T extends PartTask> = T extends ScoreTask ? ScoredPart : WrittenPart;
