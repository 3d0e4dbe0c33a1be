import type { TablePart } from '@impflow/tables';
import type { DataPlace } from 'impflow/run';
import type { ScoreCounts } from '../scores/score-remarks.ts';
import type { TrainTaskOptions } from './train-options.ts';

/** What tasks on a trained model have in common. */
interface ModelTask {
  /** Path or address of the folder of the model, or of its checkpoint. */
  readonly run: string;
  /** SHA-256 of the checkpoint in hexadecimal digits, so that all parts are computed with the same weights. */
  readonly checkpoint: string;
  /** Path of the file to write. The file is written completely, or not at all. */
  readonly out: string;
  /** Name of the job: see `JobFolder.id`. */
  readonly job: string;
  /** Backend. Default: the backend of the process. */
  readonly backend?: string;
}

/** Scores a part of a table. */
export interface ScoreTask extends ModelTask {
  /** Distinguishes the kinds of tasks. */
  readonly kind: 'score';
  /** The part of the table. */
  readonly part: TablePart;
  /** Columns to read. Default: all columns, which are matched with the columns of the model in their order. */
  readonly columns?: readonly string[];
  /** Estimator of the log-determinants. */
  readonly logdet?: string;
  /** Rate of false alarms: rows with at most this p-value are flagged. Default: no rows are flagged. */
  readonly alarm?: number;
}

/** Draws the rows `[first, first + count)` of a sample. */
export interface SampleTask extends ModelTask {
  /** Distinguishes the kinds of tasks. */
  readonly kind: 'sample';
  /** Number of the first row, from 0. */
  readonly first: number;
  /** Number of rows. */
  readonly count: number;
  /** Seed of the whole sample. */
  readonly seed: number;
  /** Scale of the noise of the base. */
  readonly temperature: number;
  /** The conditions of all rows, by column. */
  readonly given?: Readonly<Record<string, string | number>>;
}

/** Trains a model in its folder up to a step. */
export interface TrainTask {
  /** Distinguishes the kinds of tasks. */
  readonly kind: 'train';
  /** Folder of the model. Created if it is missing. If it has a checkpoint, the training continues from it. */
  readonly folder: string;
  /** Steps after which the training pauses, counted from its start. */
  readonly steps: number;
  /** Where the rows or the images are. */
  readonly place: DataPlace;
  /**
   * Options of the training. The option `steps` is the length of the whole training, which determines its schedule.
   * Default: `steps` of the task.
   */
  readonly options: TrainTaskOptions;
  /** Backend. Default: the backend of the process. */
  readonly backend?: string;
  /** Whether the training ends with an evaluation on its test data instead of a pause. Default false. */
  readonly evaluate?: boolean;
  /**
   * Name of the sweep, so that a queue does not confuse the task with a task of an equal sweep whose folder was
   * deleted.
   */
  readonly job?: string;
}

/** One of the least likely rows of a part. */
export interface LowRow {
  /** Index within the part, from 0. */
  readonly row: number;
  /** The columns of scores, by name. `null` for NaN, `-Infinity` as text. */
  readonly scores: Readonly<Record<string, number | string | null>>;
}

/** Report of a task on the file that it wrote. */
export interface WrittenPart {
  /** Number of rows. */
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
  /** Sentences on the assumptions that were made about the cells. */
  readonly remarks: readonly string[];
}

/** Result of a {@link TrainTask}. */
export interface TrainResult {
  /** Steps of the training. Fewer than requested if the training stopped early. */
  readonly steps: number;
  /** Least validation loss so far, in nats; null if the training failed to converge. */
  readonly validation: number | null;
  /** Standard error of `validation`, in nats; null if unknown. */
  readonly standardError: number | null;
  /** Wall time of this call, in seconds. */
  readonly seconds: number;
  /** Why the training failed to converge. */
  readonly error?: string;
  /** Results on the test data, if the task requests them: `heldOut` of the report of the model. */
  readonly test?: Readonly<Record<string, unknown>>;
}

/** A task whose result is a file of rows. */
export type PartTask = ScoreTask | SampleTask;

/** A task of a pool or a queue: plain JSON. */
export type Task = PartTask | TrainTask;

/** The result of each task. */
export type ResultOf<T extends Task> = T extends ScoreTask
  ? ScoredPart
  : T extends SampleTask
    ? WrittenPart
    : TrainResult;
