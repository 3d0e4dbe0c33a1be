import { FlowError } from '@impflow/core';
import { columnMapAt, type ColumnMap } from '@impflow/flows';
import { medianOf, quantileOf } from './quantile.ts';

/**
 * How the numbers of a column are transformed: a map in the units of the data file, or `auto`. With `auto`, the map
 * that fits the values best is chosen.
 */
export type MapChoice = ColumnMap | 'auto';

/**
 * A map is chosen instead of a simpler map only if it improves the fit of a normal distribution by at least this many
 * nats per row.
 */
const GAIN = 0.05;

/** How the numbers of a column relate to the values to which the map is applied, and the values that the map must accept. */
interface Place {
  /** Offset that is subtracted from the numbers of the column before the map is applied. */
  readonly offset: number;
  /** Width of the uniform noise that is added to each value. */
  readonly resolution: number;
  /** The only values with noise, in the form of `values`. Default: all values have noise. */
  readonly noisy?: readonly number[];
  /**
   * Further values that the support of the map must contain, such as values of validation rows, in the form of `values`.
   * NaN is ignored. Default: none.
   */
  readonly further?: Float64Array;
}

/**
 * Returns the map of a column. `auto` chooses the map whose mapped values are closest to a normal distribution: the
 * identity, a logarithm for positive values, a logit for values between 0 and 1, or an inverse hyperbolic sine for
 * heavy tails. A map is chosen instead of a simpler map only if it is better by 0.05 nats per row.
 *
 * @param values The values of the column: at least one number, and no NaN. The offset is already subtracted, and half
 * the width of the noise is already added to values with noise.
 * @returns The map for the numbers of the column minus the offset.
 * @remarks Takes `O(n log n)` time for `n` values.
 * @throws `option` for a map whose support does not contain all values and further values.
 */
export const fitColumnMap = (
  name: string,
  values: Float64Array,
  choice: MapChoice,
  { offset, resolution, noisy, further = new Float64Array(0) }: Place,
): ColumnMap => {
  const sorted = values.toSorted();
  const others = further.filter((value) => !Number.isNaN(value)).sort();
  const [least, most] = [
    Math.min(sorted[0]!, others[0] ?? Infinity),
    Math.max(sorted.at(-1)!, others.at(-1) ?? -Infinity),
  ];
  // Half the width of the noise, slightly reduced. If a noise interval ends at a bound, rounding must not move the end
  // of the interval beyond the bound.
  const half = resolution * (0.5 - 1e-9);
  const ends = noisy ?? [least, most];
  const [min, max] = [
    Math.min(least, ...ends.map((end) => end - half)),
    Math.max(most, ...ends.map((end) => end + half)),
  ];
  const extent = { least, most, min, max, offset };
  if (choice !== 'auto') return checked(name, shifted(choice, offset), extent);
  let best: { readonly map: ColumnMap; readonly nats: number } = {
    map: { map: 'identity' },
    nats: natsOf(sorted, { map: 'identity' }),
  };
  for (const map of candidates(sorted, extent)) {
    const nats = natsOf(sorted, map);
    if (nats > best.nats + GAIN) best = { map, nats };
  }
  return best.map;
};

/** Smallest and largest value, the same with their noise intervals, and the offset of a column. */
type Extent = Readonly<Record<'least' | 'most' | 'min' | 'max' | 'offset', number>>;

const candidates = (sorted: Float64Array, { least, most, min, max, offset }: Extent): readonly ColumnMap[] => {
  const [lower, upper] = [0 - offset, 1 - offset];
  // A noise interval may begin at a bound. A value without noise must not lie on a bound, because the density is 0
  // there.
  const above = min >= lower && least > lower;
  const within = above && max <= upper && most < upper;
  const spread = (quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)) / 1.349;
  return [
    ...(above ? [{ map: 'log', lower } as const] : []),
    ...(within && max - min > 0.5 ? [{ map: 'logit', lower, upper } as const] : []),
    ...(spread > 0 ? [{ map: 'asinh', center: medianOf(sorted), scale: spread } as const] : []),
  ];
};

/**
 * Returns the mean log-density of the values, if the mapped values have the normal distribution that fits them best.
 */
const natsOf = (values: Float64Array, map: ColumnMap): number => {
  const images = Array.from(values, columnMapAt(map));
  const mean = images.reduce((sum, { value }) => sum + value, 0) / values.length;
  const variance = images.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / values.length;
  const slope = images.reduce((sum, { logSlope }) => sum + logSlope, 0) / values.length;
  return -0.5 * Math.log(2 * Math.PI * Math.E * variance) + slope;
};

/** Converts a map in the units of the data file to a map of numbers from which the offset has been subtracted. */
const shifted = (map: ColumnMap, offset: number): ColumnMap => {
  switch (map.map) {
    case 'identity':
      return map;
    case 'log':
      return { ...map, lower: map.lower - offset };
    case 'logit':
      return { ...map, lower: map.lower - offset, upper: map.upper - offset };
    case 'asinh':
      return { ...map, center: map.center - offset };
  }
};

const checked = (name: string, map: ColumnMap, { least, most, min, max, offset }: Extent): ColumnMap => {
  const low = map.map === 'log' || map.map === 'logit' ? map.lower : -Infinity;
  const high = map.map === 'logit' ? map.upper : Infinity;
  // A value on a bound is refused, because the density is 0 there. A noise interval may begin at a bound, because the
  // noise is never exactly 0.
  const [fitsLow, fitsHigh] = [min >= low && least > low, max <= high && most < high];
  if (fitsLow && fitsHigh) return map;
  throw new FlowError('option', 'tables/fitColumnMap', `The transformation of "${name}" does not fit its values`, {
    expected: `values ${map.map === 'log' ? `above ${low + offset}` : `between ${low + offset} and ${high + offset}`}`,
    got: fitsLow ? `${max + offset}` : `${min + offset}`,
    hint: 'Give other bounds, or no bounds.',
  });
};
