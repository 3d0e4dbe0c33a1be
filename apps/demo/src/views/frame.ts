import type { Region } from '../protocol/data.ts';
import type { MapImage } from '../protocol/viewer.ts';

/** Where the plane lies on a canvas: everything in CSS pixels, the second coordinate upwards. */
export interface Frame {
  /** Of the whole square picture. */
  readonly size: number;
  /** Of the plot in it. */
  readonly left: number;
  readonly top: number;
  readonly side: number;
  readonly region: Region;
}

/** What stands around the plot: numbers at the left and below, the colour bar above. Left and right are together as much as top and bottom, so that the picture is square. */
const MARGIN = { left: 50, right: 12, top: 26, bottom: 36 } as const;

export const frameOf = (size: number, region: Region): Frame => ({ size, left: MARGIN.left, top: MARGIN.top, side: Math.max(1, size - MARGIN.left - MARGIN.right), region });

export const toX = ({ left, side, region: [[low, high]] }: Frame, x: number): number => left + (side * (x - low)) / (high - low);
export const toY = ({ top, side, region: [, [low, high]] }: Frame, y: number): number => top + side - (side * (y - low)) / (high - low);

/** The point of the plane under a position on the canvas; undefined outside the plot. */
export const pointAt = ({ left, top, side, region: [[x0, x1], [y0, y1]] }: Frame, x: number, y: number): readonly [number, number] | undefined => {
  const [u, v] = [(x - left) / side, (top + side - y) / side];
  return u >= 0 && u <= 1 && v >= 0 && v <= 1 ? [x0 + u * (x1 - x0), y0 + v * (y1 - y0)] : undefined;
};

/** The map's number at the pixel over a point of the plane; undefined beyond the map. */
export const valueAt = ({ region: [[x0, x1], [y0, y1]], side, values }: MapImage, [x, y]: readonly [number, number]): number | undefined => {
  const column = Math.floor((side * (x - x0)) / (x1 - x0));
  const row = Math.floor((side * (y1 - y)) / (y1 - y0));
  // The far edges belong to the last pixels.
  const [i, j] = [y === y0 ? side - 1 : row, x === x1 ? side - 1 : column];
  return i >= 0 && i < side && j >= 0 && j < side ? values[i * side + j] : undefined;
};

/** A point moved by fractions of the region, held inside it. */
export const moved = ([x, y]: readonly [number, number], right: number, up: number, [[x0, x1], [y0, y1]]: Region): readonly [number, number] => [
  Math.max(x0, Math.min(x1, x + right * (x1 - x0))), Math.max(y0, Math.min(y1, y + up * (y1 - y0))),
];

export const middleOf = ([[x0, x1], [y0, y1]]: Region): readonly [number, number] => [(x0 + x1) / 2, (y0 + y1) / 2];
