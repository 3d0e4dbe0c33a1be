import type { Domain } from './domain.ts';
import { quantile } from './quantile.ts';
import { range, widened } from './statistics.ts';
import { isRated, type RatedTrial, type SweepPlotTrial } from './sweep-trial.ts';

/** A loss is shown if its distance from the least loss is at most this multiple of the distance of the median loss. */
const SHOWN = 3;
/** The range of the axis is at least this many standard errors. Smaller differences between trials may be chance. */
const ERRORS = 5;

/** Returns one standard error below and above the loss of a trial. */
export const errorBar = ({ validation, standardError }: RatedTrial): Domain => [
  validation - (standardError ?? 0),
  validation + (standardError ?? 0),
];

/** Returns the largest loss that is shown. Larger losses are cut off. */
const largestShown = (losses: readonly number[], error: number): number => {
  const least = Math.min(...losses);
  return least + Math.max(SHOWN * (quantile(losses, 0.5) - least), ERRORS * error, 1e-9);
};

/**
 * Returns the range of the axis of losses. It contains the shown losses with one standard error on either side, and is
 * at least five standard errors long, so that a difference by chance looks small.
 */
export const lossRange = (trials: readonly SweepPlotTrial[]): Domain => {
  const rated = trials.filter(isRated);
  if (rated.length === 0) return [0, 1];
  const errors = rated.map(({ standardError }) => standardError ?? 0).filter(Number.isFinite);
  const error = errors.length === 0 ? 0 : quantile(errors, 0.5);
  const most = largestShown(
    rated.map(({ validation }) => validation),
    error,
  );
  const [low, high] = range(rated.filter(({ validation }) => validation <= most).flatMap(errorBar));
  const missing = Math.max(0, ERRORS * error - (high - low)) / 2;
  return widened([low - missing, high + missing], 0.06);
};
