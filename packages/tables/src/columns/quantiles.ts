import { FlowError } from '@impflow/core';
import { normalQuantile } from './normal-distribution.ts';
import type { NumberRows } from './number-rows.ts';

/**
 * A monotone map of each column to a nearly standard normal variable. The map is piecewise linear. The map continues
 * linearly beyond the outermost knots.
 */
export interface QuantileMap {
  /** The knots of each column in ascending order, `[columns, K]`. */
  readonly knots: readonly (readonly number[])[];
  /** The values to which the knots of every column are mapped, in ascending order, `[K]`. */
  readonly levels: readonly number[];
}

/**
 * Limits on the number of inner knots. There are about `rowsEach` rows between two adjacent knots, and at least `least`
 * and at most `most` knots. The two outermost knots are not counted.
 */
const KNOTS = { most: 33, least: 4, rowsEach: 20 } as const;
/**
 * Smallest distance between knots, as a fraction of the range of the middle 80 % of the rows. This limit bounds the
 * slope of the map at repeated values.
 */
const GAP = 1e-3;

/**
 * Fits the map that takes quantiles of the training rows to quantiles of a normal distribution. The map makes the
 * distribution of a column nearly normal, even with skewness, heavy tails, bounds or atoms. If the mapped values have a
 * normal density, the density of the column is close to a histogram whose bins contain equal numbers of rows. Beyond
 * the range of the training rows, the slope is the mean slope of the map, so that an outlier stays an outlier.
 *
 * @remarks Sorts each column.
 * @throws `input` for a column that is constant or not finite.
 */
export const fitQuantiles = ({ rows, columns, values, source }: NumberRows): QuantileMap => {
  const cells = Math.max(KNOTS.least - 1, Math.min(KNOTS.most - 1, Math.floor(rows / KNOTS.rowsEach)));
  // The distance of each probability from 0 and from 1 is at least 0.5 / rows, because the normal quantiles of 0 and 1
  // are infinite.
  const shares = Array.from({ length: cells + 1 }, (_, k) => Math.min(1 - 0.5 / rows, Math.max(0.5 / rows, k / cells)));
  const knots = columns.map((name, j) => {
    const sorted = Float64Array.from({ length: rows }, (_, r) => values[r * columns.length + j]!).sort();
    const range = sorted.at(-1)! - sorted[0]!;
    if (!(range > 0 && range < Infinity))
      throw new FlowError('input', 'tables/fitQuantiles', `The column "${name}" of ${source} has no quantiles`, {
        expected: 'finite values that differ',
        got: 'a constant column, or values that are not finite',
        hint: 'Leave the column out.',
      });
    const span = quantile(sorted, 0.9) - quantile(sorted, 0.1);
    const gap = GAP * (span > 0 ? span : range);
    // Knots are rounded to float32, because the rows are float32 too. So if a value equals a knot, all backends put the
    // value on the same side of the knot.
    let last = -Infinity;
    const inner = Array.from(
      { length: cells + 1 },
      (_, k) => (last = Math.fround(Math.max(quantile(sorted, k / cells), last + gap))),
    );
    const whole = last - inner[0]!;
    return [inner[0]! - whole, ...inner, last + whole];
  });
  const inner = shares.map(normalQuantile);
  const whole = inner.at(-1)! - inner[0]!;
  return { knots, levels: [inner[0]! - whole, ...inner, inner.at(-1)! + whole] };
};

const quantile = (sorted: Float64Array, share: number): number => {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at),
    high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
};
