import { FlowError } from '@impflow/core';
import { paint } from '../../colors.ts';
import type { Region } from '../../protocol/data.ts';
import type { MapImage, MapRequest, Quantity } from '../../protocol/viewer.ts';
import { inOrder, numbersOf, rowKey } from './evaluate.ts';
import type { Model } from './model.ts';
import { stepsOf, type ObservedModel } from './observed-model.ts';
import type { PieceSize } from './pieces.ts';

interface Mapped {
  /**
   * Returns the quantity at rows `[n, 2]`. The rows are consecutive pixels of the map, and `first` is the index of the
   * first pixel.
   */
  at(rows: Float32Array, first: number, model: Model, observed: () => ObservedModel): Float32Array;
  /** Returns the limits of the color scale for the values of a map. */
  scale(values: Float32Array): readonly [number, number];
}

const QUANTITIES: Readonly<Record<Quantity, Mapped>> = {
  density: {
    at: (rows, first, { flow }) => numbersOf(rows, (x) => flow.logProb(x, { key: rowKey(first) })).map(Math.exp),
    // The highest 0.1 % of the values are ignored. Otherwise a peak of a few pixels would make all other pixels black.
    scale: (values) => [0, largestBut(values, 1e-3) || 1],
  },
  logDet: {
    at: (rows, first, { flow }) =>
      numbersOf(rows, (x) => flow.bijector.forwardWithLogDet(x, { key: rowKey(first) }).logDet),
    // The limits are at least ±0.01. Otherwise the scale of a volume-preserving model would show only rounding errors.
    scale: (values) => {
      const most = Math.max(0.01, largestBut(values.map(Math.abs), 1e-3));
      return [-most, most];
    },
  },
  steps: {
    at: (rows, first, model, observed) => {
      const total = new Float32Array(rows.length / 2);
      for (const solve of observed().solvesOf(model, rows, rowKey(first)))
        stepsOf(solve).forEach((steps, i) => {
          total[i] = total[i]! + steps;
        });
      return total;
    },
    scale: (values) => [0, Math.max(1, largestBut(values, 0))],
  },
};

/**
 * Computes a picture of a quantity over the plane, in pieces of work that take about 20 milliseconds each. `observed`
 * is called only if the quantity is the number of solver steps.
 */
export const mapOf = async (
  model: Model,
  request: MapRequest,
  pieceSize: PieceSize,
  observed: () => ObservedModel,
): Promise<MapImage> => {
  const { quantity, region, side } = request;
  checkSize('side', side);
  checkRegion(region);
  const { at, scale } = QUANTITIES[quantity];
  const values = await inOrder(
    side * side,
    pieceSize,
    (first, count) => pixelCenters(region, side, first, count),
    (rows, first) => at(rows, first, model, observed),
  );
  const [low, high] = scale(values);
  return { quantity, region, side, values, pixels: paint(values, quantity, low, high), low, high, step: model.step };
};

/**
 * Returns the centers of `count` pixels of a `side x side` picture, `[count, 2]`. The pixels are numbered row by row
 * from the top. `first` is the number of the first returned pixel.
 */
export const pixelCenters = (
  [[left, right], [bottom, top]]: Region,
  side: number,
  first: number,
  count: number,
): Float32Array => {
  const centers = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const pixel = first + i;
    centers[2 * i] = left + (((pixel % side) + 0.5) / side) * (right - left);
    centers[2 * i + 1] = top - ((Math.floor(pixel / side) + 0.5) / side) * (top - bottom);
  }
  return centers;
};

/**
 * Omits the highest finite values, a fraction `share` of all finite values, and returns the largest remaining value.
 * Returns 0 if no value is finite.
 */
const largestBut = (values: Float32Array, share: number): number => {
  const finite = values.filter(Number.isFinite).sort();
  return finite[Math.max(0, finite.length - 1 - Math.floor(share * finite.length))] ?? 0;
};

/** Checks a region. @throws `option` unless both intervals are finite and have a positive length. */
export const checkRegion = (region: Region): void => {
  if (region.every(([low, high]) => Number.isFinite(low) && Number.isFinite(high) && low < high)) return;
  throw new FlowError('option', 'demo/viewer', 'Wrong region', {
    expected: 'two intervals [low, high], low below high',
    got: JSON.stringify(region),
  });
};

/** Checks the size of a picture. @throws `option` unless the size is an integer within the limits. */
export const checkSize = (name: string, size: number, least = 1): void => {
  if (Number.isInteger(size) && size >= least && size <= 2048) return;
  throw new FlowError('option', 'demo/viewer', `Wrong ${name}`, {
    expected: `an integer from ${least} to 2048`,
    got: String(size),
  });
};
