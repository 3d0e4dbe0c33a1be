import type { TaskRunner } from '@impflow/core';
import type { PartTask, ScoredPart, WrittenPart } from '../tasks/task.ts';

/** Formats of the files in a folder of parts. */
export const FORMATS = ['csv', 'parquet', 'npy'] as const;

/**
 * Divides the parts of a job among several processes that write to the same folder. Of every `of` consecutive parts,
 * this process computes the part at position `index`.
 */
export interface Share {
  /** Index of this process, from 0. */
  readonly index: number;
  /** Number of processes that share the job. */
  readonly of: number;
}

/** An event of a job that computes a table in parts. */
export type PartsEvent =
  /**
   * The computation of the parts begins. All counts are for the parts of this process. `partsDone` and `rowsDone` count
   * the parts and rows that an earlier call has computed.
   */
  | {
      readonly kind: 'start';
      readonly parts: number;
      readonly partsDone: number;
      readonly rows: number;
      readonly rowsDone: number;
    }
  /**
   * Progress of the job: `rowsDone` is the number of rows that this process has computed in this call and earlier
   * calls.
   */
  | { readonly kind: 'rows'; readonly rowsDone: number }
  /** A remark for the user, as a sentence. */
  | { readonly kind: 'remark'; readonly text: string };

/** Options of jobs that compute a table in parts. Each part consists of rows. */
export interface TableJobOptions {
  /** Runner that computes the parts: `taskPool`, or the runner of a queue. The caller closes the runner. */
  readonly runner: TaskRunner<PartTask, ScoredPart | WrittenPart>;
  /**
   * Path of the output: a file, or a folder of parts with a manifest. If the folder contains an interrupted job, the
   * job continues.
   */
  readonly out?: string;
  /**
   * Replaces an existing file, or the parts of another job in the folder. Default: an existing file and parts of
   * another job cause an error.
   */
  readonly force?: boolean;
  /** Format of the files in a folder of parts. */
  readonly format?: (typeof FORMATS)[number];
  /** Which parts this process computes, if several processes share the job. Default: all. */
  readonly share?: Share;
  /** Backend on which the processes compute. Default: each process chooses its backend. */
  readonly backend?: string;
  /** Aborts the job; finished parts are kept. */
  readonly signal?: AbortSignal;
  /** Receives the events of the job. */
  readonly onEvent?: (event: PartsEvent) => void;
}
