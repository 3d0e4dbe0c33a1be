import type { TaskRunner } from '@impflow/core';
import type { PartTask, ScoredPart, WrittenPart } from '../tasks/task.ts';

/** Formats of the files of a folder of parts. */
export const FORMATS = ['csv', 'parquet', 'npy'] as const;

/**
 * One of several processes that share a job. Among every `of` consecutive parts, this process computes the part at the
 * position `index`.
 */
export interface Share {
  /** Index of the process, from 0. */
  readonly index: number;
  /** Number of processes. */
  readonly of: number;
}

/** What happens to a job whose parts are computed. */
export type PartsEvent =
  /**
   * The parts begin. `partsDone` and `rowsDone` count the parts and rows of this process that an earlier call has done.
   */
  | {
      readonly kind: 'start';
      readonly parts: number;
      readonly partsDone: number;
      readonly rows: number;
      readonly rowsDone: number;
    }
  /** Rows of this process that are done, including rows from earlier calls. */
  | { readonly kind: 'rows'; readonly rowsDone: number }
  /** A remark for the user, as a sentence. */
  | { readonly kind: 'remark'; readonly text: string };

/** Options of jobs whose parts consist of rows. */
export interface TableJobOptions {
  /** Runner that computes the parts: `taskPool`, or the runner of a queue. The caller closes it. */
  readonly runner: TaskRunner<PartTask, ScoredPart | WrittenPart>;
  /** A file, or a folder of parts with a manifest. If it holds an interrupted job, that job continues. */
  readonly out?: string;
  /** Replaces the file, or parts of another job in the folder. Default: such a file or such parts are an error. */
  readonly force?: boolean;
  /** Format of the files of a folder. */
  readonly format?: (typeof FORMATS)[number];
  /** Which parts this process computes, if several processes share a folder. Default: all. */
  readonly share?: Share;
  /** Backend of the processes. Default: each process chooses its backend. */
  readonly backend?: string;
  /** Ends the job; finished parts are kept. */
  readonly signal?: AbortSignal;
  /** Receives the events of the job. */
  readonly onEvent?: (event: PartsEvent) => void;
}
