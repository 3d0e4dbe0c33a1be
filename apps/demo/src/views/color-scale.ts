import { paint } from '../colors.ts';
import type { DataView } from '../protocol/data.ts';
import type { MapImage } from '../protocol/viewer.ts';
import type { ViewOptions } from '../state/session-types.ts';

/** Scales of the colors of a density. On a logarithmic scale, equal steps of color are equal factors of density. */
export const COLOR_SCALES = ['linear', 'logarithmic'] as const;
export type ColorScale = (typeof COLOR_SCALES)[number];

/** Ratio of the densities of the first and the last color of a logarithmic scale. */
const RATIO = 1e-4;
/** Number of cells along each side of the region, in which points are counted. */
const CELLS = 24;
/** On a linear scale, a cell is dark if it has less than this share of the points of the fullest cell. */
const DARK = 0.05;
/** If more than this share of the cells that have points is dark, the colors are logarithmic. */
const MANY = 0.5;

/**
 * Returns whether the densities of the points differ so much that linear colors would leave most of the places with
 * points in the dark.
 * The result depends only on the data, so that the scale does not change during training, and that it is the same for
 * two models.
 */
export const spansDecades = ({
  points,
  region: [[left, right], [bottom, top]],
}: Pick<DataView, 'points' | 'region'>): boolean => {
  const counts = new Float64Array(CELLS * CELLS);
  const cellOf = (i: number): number => {
    const place = (value: number, low: number, high: number): number =>
      Math.max(0, Math.min(CELLS - 1, Math.floor(((value - low) / (high - low)) * CELLS)));
    return CELLS * place(points[i + 1]!, bottom, top) + place(points[i]!, left, right);
  };
  for (let i = 0; i < points.length; i += 2) counts[cellOf(i)]! += 1;
  const taken = counts.filter((count) => count > 0);
  const fullest = taken.reduce((most, count) => Math.max(most, count), 0);
  return taken.filter((count) => count < DARK * fullest).length > MANY * taken.length;
};

/** Returns the scale of the colors of densities: the choice of the visitor, or else the scale that suits the data. */
export const scaleOf = ({ colors }: ViewOptions, data: DataView | undefined): ColorScale => {
  if (colors !== undefined) return colors;
  if (data === undefined) return 'linear';
  const known = suited.get(data);
  if (known !== undefined) return known;
  const scale = spansDecades(data) ? 'logarithmic' : 'linear';
  suited.set(data, scale);
  return scale;
};
const suited = new WeakMap<DataView, ColorScale>();

/** A map with its colors. */
export interface PaintedMap extends MapImage {
  readonly scale: ColorScale;
}

/**
 * Paints the map of a model with a color scale that all maps on the page share, so that equal colors mean equal numbers.
 * `others` are the maps of all models. Only densities can have a logarithmic scale.
 */
export const painted = (map: MapImage, others: readonly MapImage[], wanted: ColorScale): PaintedMap => {
  const scale = map.quantity === 'density' ? wanted : 'linear';
  const same = others.filter(({ quantity }) => quantity === map.quantity);
  const high = Math.max(map.high, ...same.map((other) => other.high));
  const low = scale === 'logarithmic' ? RATIO * high : Math.min(map.low, ...same.map((other) => other.low));
  const known = last.get(map);
  if (known !== undefined && known.low === low && known.high === high && known.scale === scale) return known;
  const pixels =
    scale === 'logarithmic'
      ? paint(
          map.values.map((value) => Math.log(Math.max(value, low))),
          map.quantity,
          Math.log(low),
          Math.log(high),
        )
      : low === map.low && high === map.high
        ? map.pixels
        : paint(map.values, map.quantity, low, high);
  const image = { ...map, low, high, scale, pixels };
  last.set(map, image);
  return image;
};
const last = new WeakMap<MapImage, PaintedMap>();
