import type { Region } from '../../protocol/data.ts';

/** Fraction of the rows beyond either end of an axis of a picture, and the margin added on both sides. */
const [TAIL, MARGIN] = [0.002, 0.12];

/** Half the side of the square of the toys and of drawn points. */
const HALF = 4;

/** The square of the toys, enlarged for noise of this standard deviation. */
export const square = (noise: number): Region => {
  const half = HALF + 3 * noise;
  return [
    [-half, half],
    [-half, half],
  ];
};

/** Whether all rows `[n, 2]` are in the square of the toys. */
export const inSquare = (rows: Float32Array): boolean => rows.every((value) => Math.abs(value) <= HALF);

/** A box around nearly all rows `[n, 2]`, without outliers. */
export const boxAround = (rows: Float32Array): Region => [
  interval(rows.filter((_, i) => i % 2 === 0)),
  interval(rows.filter((_, i) => i % 2 === 1)),
];

/**
 * A box around nearly all positions in degrees, within the globe. `aspect` is the height of a map of the box divided by
 * its width: a degree of longitude is shorter away from the equator.
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
  // If nearly all rows share one value, use the smallest and the largest value.
  if (low === high) [low, high] = [sorted[0]!, sorted.at(-1)!];
  const margin = MARGIN * (high - low);
  return [low - margin, high + margin];
};

/** A quantile of ascending values, linear between neighbors. */
const quantile = (sorted: Float32Array, q: number): number => {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (at - Math.floor(at)) * (high - low);
};
