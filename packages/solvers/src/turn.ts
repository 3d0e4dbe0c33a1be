import type { Solver, WholeRun } from '@impflow/core';
import type { BestIterate, Progress } from './progress.ts';

/** One solver of a solve: the first one or a fallback. */
export interface Turn {
  /** The solver. */
  readonly method: Solver;
  /** Largest number of steps. */
  readonly most: number;
  /** Runs all steps in one kernel. Returns undefined where the backend has no kernel for it. */
  readonly atOnce?: () => WholeRun | undefined;
  /** Begins at `y0`, or at the best iterates of the solvers before. */
  begin(before: BestIterate | undefined): Progress;
  /** Makes one step. With `frozen`, samples that are not active are evaluated at their best iterates. */
  next(progress: Progress, frozen: boolean): Progress;
}

/** Cost of a run. */
export interface Counted {
  /** Steps of all solvers together. */
  readonly steps: number;
  /** Names of the solvers that ran, in order. */
  readonly path: readonly string[];
}
