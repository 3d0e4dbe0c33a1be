import type { WallCurve, WallRequest } from '../protocol/wall.ts';
import { GRID, INTERVAL } from '../workers/wall/target.ts';
import { outlookOf } from './wall-reach.ts';

// Functions that prepare the data of two charts: a chart of the fitted curves, and a chart of the errors of the curves.
// The limits of the axes depend only on the request, so they do not change during a fit.

/** Data of a chart: the columns of numbers, and the limits of both axes. The first column contains x. */
interface Plotted {
  readonly columns: readonly (readonly (number | null)[])[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/**
 * Returns columns with x, the function, the curve of the residual block and the curve of the implicit block. The
 * function is drawn with two strokes, so its column appears twice.
 */
export const curveData = (request: WallRequest, curve: WallCurve | undefined): Plotted => {
  const { wanted, residual } = outlookOf(request);
  // If the smallest slope of a residual block is larger than the slope of the flat parts of the function, the curve of
  // the block may end above the function.
  const top = 1.08 * Math.max(wanted.at(-1)!, INTERVAL[1] * residual.slopes[0]);
  return { columns: [X, wanted, wanted, ...blocksOf(curve, (y) => y)], x: INTERVAL, y: [-top, top] };
};

/** Returns columns with x, the error of the residual block and the error of the implicit block. */
export const errorData = (request: WallRequest, curve: WallCurve | undefined): Plotted => {
  const top = Math.max(0.3, 1.6 * outlookOf(request).residual.bound);
  return { columns: [X, ...blocksOf(curve, (y, i) => y - curve!.target[i]!)], x: INTERVAL, y: [-top, top] };
};

const X: readonly number[] = Array.from(GRID);
const NOTHING: readonly null[] = X.map(() => null);

const blocksOf = (
  curve: WallCurve | undefined,
  value: (y: number, i: number) => number,
): readonly (readonly (number | null)[])[] =>
  curve === undefined ? [NOTHING, NOTHING] : [Array.from(curve.residual, value), Array.from(curve.implicit, value)];
