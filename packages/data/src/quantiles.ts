import { FlowError } from '@impflow/core';
import type { Table } from './table.ts';

/** A monotone map of each column to a standard normal one: linear from knot to knot, and on beyond the last. */
export interface QuantileMap {
  /** `K` values for each column, in rising order. */
  readonly knots: readonly (readonly number[])[];
  /** The `K` values that they are mapped to, in rising order. */
  readonly levels: readonly number[];
}

/** Number of knots: at most `most`, at least `least`, and `rowsEach` rows between two knots. */
const KNOTS = { most: 33, least: 4, rowsEach: 20 } as const;
/** Smallest gap between two knots, as a share of what eight tenths of the rows span: a value that repeats must not become infinitely steep. */
const GAP = 1e-3;

/**
 * The map that takes quantiles of the training rows to those of a normal distribution: skewed columns, heavy tails, bounds and atoms become plain. Each column then has the
 * density of a histogram whose cells hold equally many rows. Beyond the training rows the slope is the mean one, so that an outlier stays one, and no more.
 *
 * @throws `input` for a column that is constant or not finite.
 */
export const fitQuantiles = ({ rows, columns, values, source }: Table): QuantileMap => {
  const cells = Math.max(KNOTS.least - 1, Math.min(KNOTS.most - 1, Math.floor(rows / KNOTS.rowsEach)));
  // Half a row beyond the first and the last.
  const shares = Array.from({ length: cells + 1 }, (_, k) => Math.min(1 - 0.5 / rows, Math.max(0.5 / rows, k / cells)));
  const knots = columns.map((name, j) => {
    const sorted = Float64Array.from({ length: rows }, (_, r) => values[r * columns.length + j]!).sort();
    const range = sorted.at(-1)! - sorted[0]!;
    if (!(range > 0 && range < Infinity)) throw new FlowError('input', 'data/fitQuantiles', `The column "${name}" of ${source} has no quantiles`, { expected: 'finite values that differ', got: 'others', hint: 'Leave it out.' });
    const span = quantile(sorted, 0.9) - quantile(sorted, 0.1);
    const gap = GAP * (span > 0 ? span : range);
    // Numbers of float32, as the rows are: a row at a knot is on the same side of it wherever it is mapped.
    let last = -Infinity;
    const inner = Array.from({ length: cells + 1 }, (_, k) => (last = Math.fround(Math.max(quantile(sorted, k / cells), last + gap))));
    const whole = last - inner[0]!;
    return [inner[0]! - whole, ...inner, last + whole];
  });
  const inner = shares.map(normalQuantile);
  const whole = inner.at(-1)! - inner[0]!;
  return { knots, levels: [inner[0]! - whole, ...inner, inner.at(-1)! + whole] };
};

const quantile = (sorted: Float64Array, share: number): number => {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at), high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
};

/**
 * The quantile of the standard normal distribution for a share in `(0, 1)`: Newton's method on its distribution function, to 1e-12.
 */
const normalQuantile = (share: number): number => {
  if (share > 0.5) return -normalQuantile(1 - share);
  // A tail bound as the start: the iterates rise to the root.
  let z = -Math.sqrt(-2 * Math.log(2 * share)) - 1e-9;
  for (let i = 0; i < 100; i++) {
    const step = (normalShare(z) - share) * Math.sqrt(2 * Math.PI) * Math.exp(0.5 * z * z);
    z -= Math.max(-0.5, Math.min(0.5, step));
    if (Math.abs(step) < 1e-12) break;
  }
  return z;
};

/** The distribution function of the standard normal at `z <= 0`, by a continued fraction in the tail and a series near 0. */
const normalShare = (z: number): number => {
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const x = -z;
  if (x < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; n < 60; n++) sum += (term *= (x * x) / (2 * n + 1));
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / fraction;
  return density / fraction;
};
