import type { Region } from '../../protocol/data.ts';

/**
 * `TAIL` is the fraction of the rows that counts as outliers at each end of an axis. `MARGIN` is the margin at each end
 * of the axis, relative to the range of the remaining rows.
 */
const [TAIL, MARGIN] = [0.002, 0.12];

/** Half the width of the square region in which toy densities and drawn points are shown. */
const HALF = 4;

/** Returns the square region in which toy densities are shown, enlarged for noise of the given standard deviation. */
export const square = (noise: number): Region => {
  const half = HALF + 3 * noise;
  return [
    [-half, half],
    [-half, half],
  ];
};

/** Returns whether all rows `[n, 2]` are in the square region in which toy densities are shown. */
export const inSquare = (rows: Float32Array): boolean => rows.every((value) => Math.abs(value) <= HALF);

/** Returns a box around nearly all rows `[n, 2]`, without outliers. */
export const boxAround = (rows: Float32Array): Region => [
  interval(rows.filter((_, i) => i % 2 === 0)),
  interval(rows.filter((_, i) => i % 2 === 1)),
];

/**
 * Returns a box around nearly all positions in degrees, clamped to valid longitudes and latitudes. `aspect` is the
 * height of a map of the box divided by its width. This ratio depends on the latitude, because a degree of longitude is
 * shorter away from the equator.
 */
export const mapAround = (rows: Float32Array): { readonly region: Region; readonly aspect: number } => {
  const [across, up] = boxAround(rows);
  const region: Region = [within(across, 180), within(up, 90)];
  const [[west, east], [south, north]] = region;
  const shrink = Math.cos(((south + north) / 2) * (Math.PI / 180));
  return { region, aspect: (north - south) / ((east - west) * shrink) };
};

const within = ([low, high]: readonly [number, number], most: number): readonly [number, number] => [
  Math.max(-most, low),
  Math.min(most, high),
];

const interval = (values: Float32Array): readonly [number, number] => {
  const sorted = values.sort();
  let [low, high] = [quantile(sorted, TAIL), quantile(sorted, 1 - TAIL)];
  // If nearly all rows have the same value, the limits are the smallest and the largest value.
  if (low === high) [low, high] = [sorted[0]!, sorted.at(-1)!];
  const margin = MARGIN * (high - low);
  return [low - margin, high + margin];
};

/** Returns a quantile of ascending values, interpolated linearly between adjacent values. */
const quantile = (sorted: Float32Array, q: number): number => {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (at - Math.floor(at)) * (high - low);
};
