import { FlowError, type SolveReport } from '@impflow/core';
import { number } from '../terminal/table.ts';

/** A solve with a larger residual has found nothing. Those that float32 stops above their tolerance are far below. */
const FAILED = 1e-3;

export interface Unsolved {
  /** Hears of each solve, and of the first event of the block that it belongs to. */
  readonly report: (report: SolveReport, first?: number) => void;
  /** Events with a forward solve that failed. @throws `convergence` where that are all: their log-densities are those of nothing. */
  count(): number;
}

/** Which of some events a flow could not map to its base density. */
export const unsolved = (events: number): Unsolved => {
  const failed = new Uint8Array(events);
  return {
    report: ({ phase, stats: { converged, residual } }, first = 0) => {
      if (phase !== 'forward') return;
      // Also where the residual is not a number.
      converged.forEach((flag, i) => { if (flag === 0 && !(residual[i]! <= FAILED)) failed[first + i] = 1; });
    },
    count: () => {
      const count = failed.reduce((sum, flag) => sum + flag, 0);
      if (count === 0 || count < events) return count;
      throw new FlowError('convergence', 'cli', 'No solve of the flow succeeded', {
        expected: `a residual of at most ${FAILED}`, got: `more for each of ${number(events)} held-out rows or images`, hint: 'Choose another --solver, or lower --coeff.',
      });
    },
  };
};
