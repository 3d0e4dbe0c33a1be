import type { SolveReport } from '@impflow/core';

/** Result on held-out data. */
export interface Validation {
  /** Mean negative log-density per row, in nats. Lower is better. */
  readonly nats: number;
  /** Standard error of `nats`, in nats. */
  readonly standardError: number;
}

/** Summary of all solves of one phase in one training step. */
export interface SolveSummary {
  /** Number of solves. */
  readonly solves: number;
  /** Mean number of solver steps per solve. */
  readonly steps: number;
  /** Number of samples, over all solves, that missed their tolerance. */
  readonly unconverged: number;
  /** Largest residual norm of any sample. */
  readonly residual: number;
}

/** Summaries by phase: `forward`, `inverse`, `adjoint`. A phase without solves has no entry. */
export type SolveSummaries = Readonly<Partial<Record<SolveReport['phase'], SolveSummary>>>;

/** Measurements of one step. Plain JSON. The numbers depend only on the options and key of the run, not on time. */
export interface StepMetrics {
  /** Steps done, this one included. */
  readonly step: number;
  /** Training loss at the weights before this step. */
  readonly loss: number;
  /** Norm of the whole gradient before clipping. */
  readonly gradientNorm: number;
  /** Learning rate of this step, after the schedule. */
  readonly learningRate: number;
  /** Number of rows of this step's batch. */
  readonly rows: number;
  /** Summaries of the solves. Absent if nothing was solved. */
  readonly solves?: SolveSummaries;
  /** Result on held-out data. Absent at steps without a validation. */
  readonly validation?: Validation;
  /** Whether `validation` is the best so far. */
  readonly best?: boolean;
}

/** Collects solve reports into summaries, without keeping the arrays of a report. */
interface SolveTally {
  /** Adds one report. */
  readonly report: (report: SolveReport) => void;
  /** Returns the summaries so far. */
  summaries(): SolveSummaries;
}

/** Returns an empty tally. */
export const solveTally = (): SolveTally => {
  const phases: Partial<Record<SolveReport['phase'], SolveSummary>> = {};
  return {
    report: ({ phase, stats }) => {
      const { solves, steps, unconverged, residual } = phases[phase] ?? {
        solves: 0,
        steps: 0,
        unconverged: 0,
        residual: 0,
      };
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
