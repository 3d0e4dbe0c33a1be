import type { SolveReport } from '@impflow/core';

/** Statistics of the equation solves of one phase (such as the inverse) over a whole evaluation. */
export interface SolveStatistics {
  /** Phase of the solves. */
  readonly phase: SolveReport['phase'];
  /** Number of solves. */
  readonly solves: number;
  /** Mean number of solver steps per solve. */
  readonly meanSteps: number;
  /** Largest number of solver steps. */
  readonly maxSteps: number;
  /** Number of samples, summed over all solves, whose residual did not reach the tolerance. */
  readonly unconverged: number;
  /** Largest residual norm. NaN if a residual is NaN. */
  readonly residual: number;
}

/** Creates a collector of solve reports. `summary` returns the statistics of each phase that occurred. */
export const solveStatistics = (): {
  readonly report: (report: SolveReport) => void;
  summary(): readonly SolveStatistics[];
} => {
  const phases = new Map<SolveReport['phase'], SolveStatistics>();
  return {
    report: ({ phase, stats }) => {
      const before = phases.get(phase) ?? { phase, solves: 0, meanSteps: 0, maxSteps: 0, unconverged: 0, residual: 0 };
      phases.set(phase, {
        phase,
        solves: before.solves + 1,
        meanSteps: before.meanSteps + (stats.steps - before.meanSteps) / (before.solves + 1),
        maxSteps: Math.max(before.maxSteps, stats.steps),
        unconverged: before.unconverged + stats.converged.reduce((count, flag) => count + (flag === 0 ? 1 : 0), 0),
        residual: stats.residual.reduce((worst, r) => (r > worst || Number.isNaN(r) ? r : worst), before.residual),
      });
    },
    summary: () => [...phases.values()],
  };
};
