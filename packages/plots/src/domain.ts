import { widened } from './statistics.ts';

/** Values at the two ends of an axis. */
export type Domain = readonly [low: number, high: number];

/**
 * Returns the range of an axis that shows the given lists of values. Values that are far from most others of their list
 * do not widen the range: those at a distance from the central 90 % that is larger than the width of this interval.
 */
export const domainOf = (lists: readonly ArrayLike<number>[]): Domain => {
  let [low, high] = [Infinity, -Infinity];
  for (const values of lists) {
    const [from, to] = mostOf(values);
    [low, high] = [Math.min(low, from), Math.max(high, to)];
  }
  if (low > high) return [0, 1];
  const half = Math.max(0.5, Math.abs(low) / 1e6);
  return low === high ? [low - half, high + half] : widened([low, high], 0.06);
};

/** Returns the range of the values of a list that are not far from most others, or `[Infinity, -Infinity]`. */
const mostOf = (values: ArrayLike<number>): Domain => {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const last = sorted.length - 1;
  if (last < 0) return [Infinity, -Infinity];
  // Rounds inwards, so that a single far value among few values is outside the interval.
  const [from, to] = [sorted[Math.ceil(0.05 * last)]!, sorted[Math.floor(0.95 * last)]!];
  // If most values are equal, the interval has no width. The deviation of the others then decides.
  const width = to > from ? to - from : sorted[Math.floor(0.99 * last)]! - sorted[Math.ceil(0.01 * last)]! || Infinity;
  return [sorted.find((value) => value >= from - width)!, sorted.findLast((value) => value <= to + width)!];
};

/** Whether a value is in the range of an axis. NaN is not. */
export const isInside = (value: number, [low, high]: Domain): boolean => value >= low && value <= high;
