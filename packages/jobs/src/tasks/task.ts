import type { TablePart } from '@impflow/tables';
import type { DataPlace } from 'impflow/run';
import type { ScoreCounts } from '../scores/score-remarks.ts';
import type { TrainTaskOptions } from './train-options.ts';

/** Fields of every task that uses a trained model. */
interface ModelTask {
  /** Path or URL of the folder of the model, or of its checkpoint. */
  readonly run: string;
  /**
   * SHA-256 of the checkpoint in hexadecimal digits, which ensures that all parts are computed with the same weights.
   */
  readonly checkpoint: string;
  /** Path of the file to write. A file appears at this path only when it is complete. */
  readonly out: string;
  /** Name of the job: see `JobFolder.id`. */
  readonly job: string;
  /** Backend. Default: the backend of the process. */
  readonly backend?: string;
}

/** A task that scores a part of a table. */
export interface ScoreTask extends ModelTask {
  /** Distinguishes the kinds of tasks. */
  readonly kind: 'score';
  /** The part of the table. */
  readonly part: TablePart;
  /**
   * Names of the columns to read. Default: all columns, which are matched with the columns of the model by their order.
   */
  readonly columns?: readonly string[];
  /** Estimator of the log-determinants. */
  readonly logdet?: string;
  /** Rate of false alarms: rows with at most this p-value are flagged. Default: no rows are flagged. */
  readonly alarm?: number;
}

/** A task that draws the rows `[first, first + count)` of a sample. */
export interface SampleTask extends ModelTask {
  /** Distinguishes the kinds of tasks. */
  readonly kind: 'sample';
  /** Index of the first row in the whole sample, from 0. */
  readonly first: number;
  /** Number of rows. */
  readonly count: number;
  /** Seed of the whole sample. */
  readonly seed: number;
  /** Factor that scales the random noise of the base density. */
  readonly temperature: number;
  /** The conditions of all rows, by column. */
  readonly given?: Readonly<Record<string, string | number>>;
}

/** A task that trains a model in its folder up to a number of steps. */
export interface TrainTask {
  /** Distinguishes the kinds of tasks. */
  readonly kind: 'train';
  /**
   * Folder of the model. The folder is created if it is missing. If the folder has a checkpoint, the training continues
   * from it.
   */
  readonly folder: string;
  /** Number of steps, counted from the start of the training, after which the training pauses. */
  readonly steps: number;
  /** Paths or names of the data. */
  readonly place: DataPlace;
  /**
   * Options of the training. The option `steps` is the length of the whole training, which determines the schedule of
   * the learning rate. Default: `steps` of the task.
   */
  readonly options: TrainTaskOptions;
  /** Backend. Default: the backend of the process. */
  readonly backend?: string;
  /**
   * Whether the task ends the training and evaluates the model on the test data. Default false: the training pauses.
   */
  readonly evaluate?: boolean;
  /**
   * Name of the sweep. The name distinguishes the task from a task of an equal sweep whose folder was deleted, because
   * a queue stores results.
   */
  readonly job?: string;
}

/** One of the least likely rows of a part of a table. */
export interface LowRow {
  /** Index of the row within the part, from 0. */
  readonly row: number;
  /** The scores of the row, by the name of the column. `null` means NaN; infinities are strings. */
  readonly scores: Readonly<Record<string, number | string | null>>;
}

/** Report of a task about the file that it wrote. */
export interface WrittenPart {
  /** Number of rows. */
  readonly rows: number;
  /** Size of the file, in bytes. */
  readonly bytes: number;
  /** SHA-256 of the file in hexadecimal digits. */
  readonly sha256: string;
}

/** Result of a {@link ScoreTask}. */
export interface ScoredPart extends WrittenPart, ScoreCounts {
  /** Number of flagged rows, if the task has a rate of false alarms. */
  readonly flagged?: number;
  /** At most ten rows of the part, the least likely first. */
  readonly lowest: readonly LowRow[];
  /** Sentences about the assumptions that were made when the cells were read. */
  readonly remarks: readonly string[];
}

/** Result of a {@link TrainTask}. */
export interface TrainResult {
  /**
   * Number of steps that the training made. This number is smaller than the number in the task if the training stopped
   * early.
   */
  readonly steps: number;
  /** Least validation loss so far, in nats; null if the training failed to converge. */
  readonly validation: number | null;
  /** Standard error of `validation`, in nats; null if unknown. */
  readonly standardError: number | null;
  /** Wall time of this task, in seconds. */
  readonly seconds: number;
  /** Reason why the training failed to converge. Absent if it converged. */
  readonly error?: string;
  /** Results on the test data, if the task requests them: `heldOut` of the report of the model. */
  readonly test?: Readonly<Record<string, unknown>>;
}

/** A task whose result is a file with rows. */
export type PartTask = ScoreTask | SampleTask;

/** A task of a pool or a queue: plain JSON. */
export type Task = PartTask | TrainTask;

/** The type of the result of a task. */
export type ResultOf<T extends Task> = T extends ScoreTask
  ? ScoredPart
  : T extends SampleTask
    ? WrittenPart
    : TrainResult;
