import type { Choice } from './draw-trials.ts';
import type { SweepPlan } from './plan-sweep.ts';
import type { TrialResult } from './results-log.ts';
import { trialName } from './run-trials.ts';

/** A trial with its rank in a sweep. */
export interface RankedTrial {
  /** Rank, from 1 for the best trial. */
  readonly rank: number;
  /** Number of the trial. Trial 0 has the default options. */
  readonly trial: number;
  /** Name of the folder of the trial. */
  readonly name: string;
  /** Values of the parameters in the trial; empty for trial 0. */
  readonly choice: Choice;
  /** Number of steps that the trial was trained for. */
  readonly steps: number;
  /** Total wall time of the trainings of the trial, in seconds. */
  readonly seconds: number;
  /** Least validation loss, in nats; null if the trial failed. */
  readonly validation: number | null;
  /** Standard error of `validation`, in nats; null if unknown. */
  readonly standardError: number | null;
  /**
   * `complete`: the trial was trained over all steps, or stopped early. `halved`: the trial was not promoted to the
   * next rung. `failed`: see `error`.
   */
  readonly state: 'complete' | 'halved' | 'failed';
  /** Reason why the trial failed. Absent if the trial did not fail. */
  readonly error?: string;
}

/** Returns the trials that have a result, the smallest validation loss first. Failed trials come last. */
export const ranked = (
  { trials, rungs }: Pick<SweepPlan, 'trials' | 'rungs'>,
  results: readonly TrialResult[],
): readonly RankedTrial[] =>
  [{}, ...trials]
    .flatMap((choice, trial): Omit<RankedTrial, 'rank'>[] => {
      const own = results.filter((result) => result.trial === trial);
      const last = own.at(-1);
      if (last === undefined) return [];
      const { validation, standardError, error } = last;
      return [
        {
          trial,
          name: trialName(trial),
          choice,
          steps: last.steps,
          seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
          validation,
          standardError,
          state: validation === null ? 'failed' : last.rung === rungs.length - 1 ? 'complete' : 'halved',
          ...(error === undefined ? {} : { error }),
        },
      ];
    })
    // Of trials with equal losses, the trial with more steps comes first.
    .toSorted(
      (a, b) => (a.validation ?? Infinity) - (b.validation ?? Infinity) || b.steps - a.steps || a.trial - b.trial,
    )
    .map((trial, i) => ({ rank: i + 1, ...trial }));
