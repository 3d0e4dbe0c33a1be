import { quantile } from './quantile.ts';

/**
 * Returns the least and the greatest finite value, or `[0, 1]` if no value is finite. If the least and the greatest
 * value are equal, the range is extended by half a unit on each side.
 */
export const range = (values: Iterable<number>): readonly [number, number] => {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
};

/** Returns an interval, widened on each side by the fraction `share` of its length. */
export const widened = ([low, high]: readonly [number, number], share: number): readonly [number, number] => {
  const margin = share * (high - low);
  return [low - margin, high + margin];
};

/** Returns the median of the values with indices from `i - half` to `i + half`, as far as these indices exist. */
export const medianAround = (values: readonly number[], i: number, half: number): number =>
  quantile(values.slice(Math.max(0, i - half), i + half + 1), 0.5);

/** Returns at most `most` of the entries, evenly spaced, including the first and the last. */
export const thinned = <T>(entries: readonly T[], most: number): readonly T[] =>
  entries.length <= most
    ? entries
    : Array.from({ length: most }, (_, i) => entries[Math.round((i * (entries.length - 1)) / Math.max(1, most - 1))]!);
