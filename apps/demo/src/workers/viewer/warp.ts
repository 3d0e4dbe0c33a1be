import { key, scoped } from '@impflow/core';
import type { Region } from '../../protocol/data.ts';
import type { Warp } from '../../protocol/viewer.ts';
import { inOrder, numbersOf, rowsOf } from './evaluate.ts';
import { checkRegion, checkSize } from './map.ts';
import type { Model } from './model.ts';
import type { PieceSize } from './pieces.ts';
import { partsOf, stageLabels } from './stages.ts';

/** Points that are mapped through the blocks together with the grid. */
export interface Moving {
  /** Rows of the data, `[n, 2]`. */
  readonly rows?: Float32Array;
  /** Number of draws from the base distribution. */
  readonly samples?: number;
}

/**
 * Maps a regular grid over the region, and data rows, through the model, block by block. Draws from the base
 * distribution are mapped in the opposite direction.
 */
export const warpOf = async (
  model: Model,
  region: Region,
  lines: number,
  pointsPerLine: number,
  pieceSize: PieceSize,
  { rows = new Float32Array(0), samples = 0 }: Moving = {},
): Promise<Warp> => {
  checkRegion(region);
  checkSize('number of lines', lines, 2);
  checkSize('number of points per line', pointsPerLine, 2);
  const grid = gridLines(region, lines, pointsPerLine);
  // The grid points and the data rows are concatenated, so that each block is called only once.
  let now: Float32Array = new Float32Array(grid.length + rows.length);
  now.set(grid);
  now.set(rows, grid.length);
  const both = [now];
  for (const part of partsOf(model)) {
    now = await inOrder(
      now.length / 2,
      pieceSize,
      rowsOf(now),
      (some) => numbersOf(some, (x) => part.forward(x, { key: key(0) })),
      2,
    );
    both.push(now);
  }
  return {
    stages: both.map((all) => all.slice(0, grid.length)),
    dots: both.map((all) => all.slice(grid.length)),
    samples: samples === 0 ? [] : await drawn(model, samples, pieceSize),
    pointsPerLine,
    labels: stageLabels(model),
    step: model.step,
  };
};

/**
 * Maps draws from the base distribution back to the data, block by block. The result lists the stages in the order from
 * data space to base space. All calls of this function use the same draws.
 */
const drawn = async (model: Model, count: number, pieceSize: PieceSize): Promise<readonly Float32Array[]> => {
  const z = scoped(() => model.flow.base.sample(key(2), count));
  let now: Float32Array = z.dataSync<'float32'>().slice() as Float32Array;
  z.dispose();
  const all = [now];
  for (const part of partsOf(model).toReversed()) {
    now = await inOrder(
      now.length / 2,
      pieceSize,
      rowsOf(now),
      (some) => numbersOf(some, (y) => part.inverse(y, { key: key(0) })),
      2,
    );
    all.unshift(now);
  }
  return all;
};

/**
 * Returns the points of a grid over the region, `[2 * lines * pointsPerLine, 2]`: first `lines` horizontal lines from
 * bottom to top, then `lines` vertical lines from left to right. The first and the last line lie on the edges of the
 * region.
 */
export const gridLines = (
  [[left, right], [bottom, top]]: Region,
  lines: number,
  pointsPerLine: number,
): Float32Array => {
  const points = new Float32Array(4 * lines * pointsPerLine);
  let at = 0;
  for (const direction of ['horizontal', 'vertical']) {
    for (let line = 0; line < lines; line++) {
      for (let point = 0; point < pointsPerLine; point++) {
        const [along, across] = [point / (pointsPerLine - 1), line / (lines - 1)];
        const [u, v] = direction === 'horizontal' ? [along, across] : [across, along];
        points[at++] = left + u * (right - left);
        points[at++] = bottom + v * (top - bottom);
      }
    }
  }
  return points;
};
