import type { Region } from '../protocol/data.ts';
import type { MapImage } from '../protocol/viewer.ts';

/** Position of a plot on a canvas, in CSS pixels. The second coordinate of the plotted plane points upwards. */
export interface Frame {
  /** Width of the whole picture. */
  readonly size: number;
  /** Height of the whole picture. */
  readonly full: number;
  /** Left edge (`left`), top edge (`top`), width (`side`) and height (`down`) of the plot in the picture. */
  readonly left: number;
  readonly top: number;
  readonly side: number;
  readonly down: number;
  readonly region: Region;
}

/**
 * Margins of the plot, for numbers at the left and below and for the color bar above. The horizontal margins have the
 * same sum as the vertical margins, so that the picture of a square plot is square.
 */
const MARGIN = { left: 50, right: 12, top: 26, bottom: 36 } as const;

/**
 * Returns the position of the plot in a picture of width `size`. The height of the plot is `aspect` times the width of
 * the plot.
 */
export const frameOf = (size: number, region: Region, aspect = 1): Frame => {
  const side = Math.max(1, size - MARGIN.left - MARGIN.right);
  const down = Math.max(1, Math.round(side * aspect));
  return {
    size,
    full: size === 0 ? 0 : down + MARGIN.top + MARGIN.bottom,
    left: MARGIN.left,
    top: MARGIN.top,
    side,
    down,
    region,
  };
};

export const toX = ({ left, side, region: [[low, high]] }: Frame, x: number): number =>
  left + (side * (x - low)) / (high - low);
export const toY = ({ top, down, region: [, [low, high]] }: Frame, y: number): number =>
  top + down - (down * (y - low)) / (high - low);

/** Returns the point of the plane at a position on the canvas, or undefined for positions outside the plot. */
export const pointAt = (
  { left, top, side, down, region: [[x0, x1], [y0, y1]] }: Frame,
  x: number,
  y: number,
): readonly [number, number] | undefined => {
  const [u, v] = [(x - left) / side, (top + down - y) / down];
  return u >= 0 && u <= 1 && v >= 0 && v <= 1 ? [x0 + u * (x1 - x0), y0 + v * (y1 - y0)] : undefined;
};

/** Returns the value of the map's pixel that contains a point of the plane, or undefined for points outside the map. */
export const valueAt = (
  { region: [[x0, x1], [y0, y1]], side, values }: MapImage,
  [x, y]: readonly [number, number],
): number | undefined => {
  const column = Math.floor((side * (x - x0)) / (x1 - x0));
  const row = Math.floor((side * (y1 - y)) / (y1 - y0));
  // A point on the right edge belongs to the last column of pixels. A point on the lower edge belongs to the last row.
  const [i, j] = [y === y0 ? side - 1 : row, x === x1 ? side - 1 : column];
  return i >= 0 && i < side && j >= 0 && j < side ? values[i * side + j] : undefined;
};

/** Moves a point by the given fractions of the region's width and height, and clamps the result to the region. */
export const moved = (
  [x, y]: readonly [number, number],
  right: number,
  up: number,
  [[x0, x1], [y0, y1]]: Region,
): readonly [number, number] => [
  Math.max(x0, Math.min(x1, x + right * (x1 - x0))),
  Math.max(y0, Math.min(y1, y + up * (y1 - y0))),
];

export const middleOf = ([[x0, x1], [y0, y1]]: Region): readonly [number, number] => [(x0 + x1) / 2, (y0 + y1) / 2];
