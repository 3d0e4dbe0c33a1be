import type { SolveReport } from '@impflow/core';

/** A held-out result: mean negative log-density per row, in nats. Lower is better. */
export interface Validation {
  readonly nats: number;
  readonly standardError: number;
}

/** What the solves of one step came to, per phase. */
export interface SolveSummary {
  readonly solves: number;
  /** Mean number of solver steps per solve. */
  readonly steps: number;
  /** Samples, over all solves, that missed their tolerance. */
  readonly unconverged: number;
  /** Largest residual norm of any sample. */
  readonly residual: number;
}

export type SolveSummaries = Readonly<Partial<Record<SolveReport['phase'], SolveSummary>>>;

/** What one step measured. Plain JSON, and a function of the run's options and key alone: no clock. */
export interface StepMetrics {
  /** Steps done, this one included. */
  readonly step: number;
  /** The training loss at the weights before this step. */
  readonly loss: number;
  /** Norm of the whole gradient before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Rows of this step's batch. */
  readonly rows: number;
  /** Absent where nothing was solved. */
  readonly solves?: SolveSummaries;
  /** Held-out result, at the steps that have one. */
  readonly validation?: Validation;
  /** Whether that was the best so far. */
  readonly best?: boolean;
}

/** Collects solve reports, not their arrays. */
export interface SolveTally {
  readonly report: (report: SolveReport) => void;
  summaries(): SolveSummaries;
}

export const solveTally = (): SolveTally => {
  const phases: Partial<Record<SolveReport['phase'], SolveSummary>> = {};
  return {
    report: ({ phase, stats }) => {
      const { solves, steps, unconverged, residual } = phases[phase] ?? { solves: 0, steps: 0, unconverged: 0, residual: 0 };
      phases[phase] = {
        solves: solves + 1,
        steps: steps + (stats.steps - steps) / (solves + 1),
        unconverged: unconverged + stats.converged.reduce((count, flag) => count + (flag ? 0 : 1), 0),
        residual: stats.residual.reduce((largest, r) => Math.max(largest, r), residual),
      };
    },
    summaries: () => ({ ...phases }),
  };
};
