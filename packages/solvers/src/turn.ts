import type { Solver } from '@impflow/core';
import type { Best, Progress } from './progress.ts';
import type { Watched } from './watch.ts';

/** A solver's turn in a solve. */
export interface Turn {
  readonly method: Solver;
  /** Steps at most. */
  readonly most: number;
  /** From the best iterates so far, where others had a turn before. */
  begin(before: Best | undefined): Progress;
  /** One more step; `frozen`: samples that are done are evaluated where they were done. */
  next(progress: Progress, frozen: boolean): Progress;
}

/** What the driver of a solve goes through. */
export interface Run {
  readonly turns: readonly Turn[];
  readonly samples: number;
  readonly watched: Watched;
}

/** What a run came to, beside how it ended. */
export interface Counted {
  /** Steps of all solvers. */
  readonly steps: number;
  readonly path: readonly string[];
}
