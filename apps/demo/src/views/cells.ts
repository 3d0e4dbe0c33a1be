import type { Warp } from '../protocol/viewer.ts';

// A cell is the area between two adjacent vertical and two adjacent horizontal lines of the grid that a model warps.
// Each cell is identified by its column and its row, counted from the lower left.

export type Cell = readonly [column: number, row: number];

/** Returns the number of cells along each side of the grid. */
export const cellsAlong = ({ stages, pointsPerLine }: Pick<Warp, 'stages' | 'pointsPerLine'>): number =>
  (stages[0]?.length ?? 0) / 4 / pointsPerLine - 1;

/**
 * Returns the border of a grid cell at one stage of the model, as points of the grid lines, `[n, 2]`. In data space the
 * points run counterclockwise.
 */
export const borderOf = (lines: Float32Array, pointsPerLine: number, [column, row]: Cell): Float32Array => {
  const along = lines.length / 4 / pointsPerLine;
  const each = (pointsPerLine - 1) / (along - 1);
  const horizontal = (line: number, k: number): number => line * pointsPerLine + k;
  const vertical = (line: number, k: number): number => (along + line) * pointsPerLine + k;
  const places: number[] = [];
  for (let k = 0; k < each; k++) places.push(horizontal(row, column * each + k));
  for (let k = 0; k < each; k++) places.push(vertical(column + 1, row * each + k));
  for (let k = each; k > 0; k--) places.push(horizontal(row + 1, column * each + k));
  for (let k = each; k > 0; k--) places.push(vertical(column, row * each + k));
  return Float32Array.from(places.flatMap((place) => [lines[2 * place]!, lines[2 * place + 1]!]));
};

/**
 * Returns the grid cell that contains a point, or undefined for a point outside the grid. The point and the grid must
 * be positions after the same number of blocks.
 */
export const cellAt = (
  lines: Float32Array,
  pointsPerLine: number,
  point: readonly [number, number],
): Cell | undefined => {
  const cells = lines.length / 4 / pointsPerLine - 1;
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++)
      if (contains(borderOf(lines, pointsPerLine, [column, row]), point)) return [column, row];
  return undefined;
};

/**
 * Returns whether a polygon contains a point. A ray from the point to the right crosses the border an odd number of
 * times if the point is inside.
 */
export const contains = (border: Float32Array, [x, y]: readonly [number, number]): boolean => {
  let inside = false;
  for (let i = 0, j = border.length - 2; i < border.length; j = i, i += 2) {
    const [x0, y0, x1, y1] = [border[i]!, border[i + 1]!, border[j]!, border[j + 1]!];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  }
  return inside;
};

/** Returns the fraction of points `[n, 2]` that lie inside the border of a cell. */
export const shareIn = (border: Float32Array, points: Float32Array): number => {
  let count = 0;
  for (let i = 0; i < points.length; i += 2) if (contains(border, [points[i]!, points[i + 1]!])) count += 1;
  return points.length === 0 ? 0 : count / (points.length / 2);
};
