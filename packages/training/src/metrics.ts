import type { SolveReport } from '@impflow/core';

/** Result of a validation on held-out data. */
export interface Validation {
  /** Mean negative log-density per row, in nats. Lower is better. */
  readonly nats: number;
  /** Standard error of `nats`, in nats. */
  readonly standardError: number;
}

/** Summary of all equation solves of one phase (such as `inverse`) in one training step. */
export interface SolveSummary {
  /** Number of solves. */
  readonly solves: number;
  /** Mean number of solver steps per solve. */
  readonly steps: number;
  /** Number of samples, summed over all solves, whose residual did not reach the tolerance. */
  readonly unconverged: number;
  /** Largest residual norm of any sample. */
  readonly residual: number;
}

/** Summaries of the equation solves by phase: `forward`, `inverse`, `adjoint`. A phase without solves has no entry. */
export type SolveSummaries = Readonly<Partial<Record<SolveReport['phase'], SolveSummary>>>;

/**
 * Measurements of one training step, as plain JSON. The numbers do not depend on time: the options and the key of the
 * run determine them.
 */
export interface StepMetrics {
  /** Number of steps so far, including this step. */
  readonly step: number;
  /** Training loss of the step's batch, computed with the weights before this step. */
  readonly loss: number;
  /** Norm of the gradient of all parameters before clipping. */
  readonly gradientNorm: number;
  /** Learning rate of this step, after the schedule. */
  readonly learningRate: number;
  /** Number of rows in the batch of this step. */
  readonly rows: number;
  /** Summaries of the equation solves. Absent if the step solved no equations. */
  readonly solves?: SolveSummaries;
  /** Result of the validation. Absent if no validation followed the step. */
  readonly validation?: Validation;
  /** Whether the loss in `validation` is the lowest so far. */
  readonly best?: boolean;
}

/** Collects solve reports into summaries, without keeping the arrays of a report. */
interface SolveTally {
  /** Adds one report. */
  readonly report: (report: SolveReport) => void;
  /** Returns the summaries so far. */
  summaries(): SolveSummaries;
}

/** Creates an empty collector of solve reports. */
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
