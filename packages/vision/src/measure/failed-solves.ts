import { FlowError, type SolveReport } from '@impflow/core';
import { number } from 'impflow/run';

/**
 * Residual above which an unconverged solve counts as failed. Solves that only float32 keeps above their tolerance have
 * far smaller residuals.
 */
const FAILED = 1e-3;

/** Counter of the events whose forward solves failed. */
export interface FailedSolves {
  /** Takes the report of a solve, with the index of the first event of its block. */
  readonly report: (report: SolveReport, first?: number) => void;
  /**
   * Number of events with a failed forward solve. Their log-densities are wrong.
   *
   * @throws `convergence` if every event has one.
   */
  count(): number;
}

/** Makes the counter for `events` events. */
export const failedSolves = (events: number): FailedSolves => {
  const failed = new Uint8Array(events);
  return {
    report: ({ phase, stats: { converged, residual } }, first = 0) => {
      if (phase !== 'forward') return;
      // Negated, so that NaN counts as failed.
      converged.forEach((flag, i) => {
        if (flag === 0 && !(residual[i]! <= FAILED)) failed[first + i] = 1;
      });
    },
    count: () => {
      const count = failed.reduce((sum, flag) => sum + flag, 0);
      if (count === 0 || count < events) return count;
      throw new FlowError('convergence', 'vision/evaluate', 'No solve of the flow succeeded', {
        expected: `a residual of at most ${FAILED}`,
        got: `more for each of ${number(events)} images`,
        hint: 'Choose another solver, or lower the option coeff.',
      });
    },
  };
};
