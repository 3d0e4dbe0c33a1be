import type { ScoredRows, TrainedRecords } from '@impflow/tables';
import { number } from 'impflow/run';
import { unconverged } from './score-columns.ts';

/** Counts of the rows of a table, by the kind of their scores. */
export interface ScoreCounts {
  /** Number of rows. */
  readonly rows: number;
  /** Rows whose solves did not converge. */
  readonly unconverged: number;
  /** Rows with gaps. */
  readonly withGaps: number;
  /** Rows with gaps and without a score. */
  readonly withoutScore: number;
  /** Whether the run has held-out rows, from which percentiles are computed. */
  readonly hasPercentiles: boolean;
  /** Whether log-densities are estimates. */
  readonly estimated: boolean;
}

/** Counts the rows of a table by the kind of their scores. */
export const countsOf = (
  scores: ScoredRows,
  { estimated, heldOut }: Pick<TrainedRecords, 'estimated' | 'heldOut'>,
): ScoreCounts => {
  const { values, gaps } = scores;
  let [withGaps, withoutScore] = [0, 0];
  for (const [row, count] of gaps.entries()) {
    if (count === 0) continue;
    withGaps++;
    if (Number.isNaN(values[row])) withoutScore++;
  }
  return {
    rows: values.length,
    unconverged: unconverged(scores),
    withGaps,
    withoutScore,
    hasPercentiles: heldOut !== undefined,
    estimated,
  };
};

/** Returns sentences about rows without a score, rows with gaps, and missing or estimated values. */
export const scoreRemarks = ({
  rows,
  unconverged: failed,
  withGaps,
  withoutScore,
  hasPercentiles,
  estimated,
}: ScoreCounts): readonly string[] => [
  ...(failed > 0
    ? [`${number(failed)} of ${number(rows)} rows did not converge: column "converged" is 0 for them.`]
    : []),
  ...(withGaps > withoutScore
    ? [
        `Rows with gaps: ${number(withGaps - withoutScore)}. Their log-density is the log-density of the known cells, estimated with 256 completions; "se" is the standard error of the estimate. This log-density cannot be compared with the log-density of complete rows, so rows with gaps have no percentile.`,
      ]
    : []),
  ...(withoutScore > 0
    ? [`Rows without a score: ${number(withoutScore)}. They lack a condition that no training row lacked.`]
    : []),
  ...(hasPercentiles ? [] : ['No percentiles: the training was not finished, or the model is imported.']),
  ...(estimated
    ? [
        `Log-densities are estimates, each the mean of 8 draws: "se" is the standard error in nats. ` +
          'The option logdet exact makes them exact; time and memory grow with the square of the number of columns.',
      ]
    : []),
];
