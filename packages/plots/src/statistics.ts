import { quantile } from './quantile.ts';

/**
 * The least and the greatest finite value; `[0, 1]` without finite values. A single value gets half a unit on each
 * side.
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

/** An interval, widened on each side by a share of its length. */
export const widened = ([low, high]: readonly [number, number], share: number): readonly [number, number] => {
  const margin = share * (high - low);
  return [low - margin, high + margin];
};

/** The median of the values from `i - half` to `i + half`, as far as they exist. */
export const medianAround = (values: readonly number[], i: number, half: number): number =>
  quantile(values.slice(Math.max(0, i - half), i + half + 1), 0.5);

/** At most `most` entries, evenly spaced, with the first and the last. */
export const thinned = <T>(entries: readonly T[], most: number): readonly T[] =>
  entries.length <= most
    ? entries
    : Array.from({ length: most }, (_, i) => entries[Math.round((i * (entries.length - 1)) / (most - 1))]!);

/** Points of the columns `x` and `y` of a row-major `[rows, d]` array: at most `most`, of evenly spaced rows. */
export const points = (
  values: Float32Array,
  d: number,
  x: number,
  y: number,
  most: number,
): readonly (readonly [number, number])[] =>
  thinned(
    Array.from({ length: values.length / d }, (_, row) => row),
    most,
  ).map((row) => [values[row * d + x]!, values[row * d + y]!]);

/** One column of a row-major `[rows, d]` array. */
export const columnOf = (values: Float32Array, d: number, column: number): Float32Array =>
  Float32Array.from({ length: values.length / d }, (_, row) => values[row * d + column]!);
