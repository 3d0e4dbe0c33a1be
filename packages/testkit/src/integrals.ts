import { normals, type Key } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { part, values } from './contraction-measures.ts';
import { rounding } from './rounding.ts';
import { SPECIAL, type Batch, type Subject } from './subject.ts';

/**
 * Checks that the change of `g` along a short way is the integral of its products, and that the change of
 * `<u, g> + <w, J t>` is the integral of its gradient. Uses the first rows of the batch.
 *
 * @remarks The integral is Simpson's rule. Without kinks, two intervals give a better rule, whose error is about a
 * fifteenth of the distance of the two rules; half of the distance is accepted. With kinks, the error is at most the
 * distance from the trapezoidal rule if one slope jumps on the way. The rules are wrong where values jump or several
 * slopes jump, so a third of the rows may differ. The way is so short that three percent of the rows meet a jump, for
 * a sort of 48 normal numbers: of 13 rows, more than four meet a jump once in 30,000 batches.
 */
export const expectIntegrals = (
  { what, at, shape, terms, kinks }: Subject,
  { x, u, t, w, key: k, scales }: Batch & { readonly key: Key },
): void => {
  // Slopes often jump at zero, where the special rows are.
  const first = kinks && scales.length > SPECIAL ? SPECIAL - 1 : 0;
  const [rows, d] = [Math.min(WAYS, scales.length - first), x.size / scales.length];
  const few = (of: Tensor, axis: number): Tensor => part(of, axis, first, rows);
  const length = kinks ? 2 ** -11 : 2 ** -5;
  const draw = normals(k, rows * d);
  const way = Float64Array.from(draw, (z, i) => {
    const row = Math.floor(i / d);
    return (length * z) / Math.hypot(...draw.subarray(row * d, (row + 1) * d));
  });
  const start = values(few(x, 0));
  const stops = (kinks ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((share) =>
    Float32Array.from(way, (step, i) => start[i]! + share * step),
  );
  // The stops are rounded to float32, so the way is measured between them.
  const gone = Float32Array.from(way, (_, i) => stops.at(-1)![i]! - stops[0]![i]!);
  const [pair, weight, cotangent] = [few(part(t, 0, 0, 1), 1), few(part(w, 0, 0, 1), 1), few(u, 0)];
  const [us, ws] = [values(cotangent), values(weight)];
  const measured = stops.map((stop) => {
    const local = at(tensor(stop, [rows, ...shape]));
    const [value, image] = [values(local.value), values(local.jvp(pair))];
    const slope = values(local.jvp(tensor(gone, [1, rows, ...shape])));
    const gradient = values(local.pullback(cotangent, pair, weight).x);
    local.dispose();
    return {
      value,
      slope,
      scalar: rowSums(d, value, (i) => us[i]! * value[i]! + ws[i]! * image[i]!),
      rate: rowSums(d, value, (i) => gradient[i]! * gone[i]!),
    };
  });
  /** Returns the error of the change, or 0 if rounding and the rule explain it. */
  const error = (kind: 'value' | 'scalar', rate: 'slope' | 'rate', i: number, noise: number): number => {
    const { integral, accuracy } = integrated(measured.map((one) => one[rate][i]!));
    const off = Math.abs(measured.at(-1)![kind][i]! - measured[0]![kind][i]! - integral);
    // NaN counts as the largest error.
    return off <= noise + accuracy ? 0 : Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
  };
  for (const [name, of] of [
    [
      'the value and jvp',
      (row: number) =>
        Math.max(
          ...Array.from({ length: d }, (_, i) =>
            error('value', 'slope', row * d + i, rounding(terms) * scales[first + row]!),
          ),
        ),
    ],
    [
      '<u, g> + <w, J t> and the pullback',
      (row: number) => error('scalar', 'rate', row, rounding(terms) * scales[first + row]! * d),
    ],
  ] as const) {
    const errors = Array.from({ length: rows }, (_, row) => of(row));
    const bad = errors.filter((off) => off !== 0).length;
    if (bad <= (kinks ? Math.max(1, rows / 3) : 0)) continue;
    const row = errors.indexOf(Math.max(...errors));
    expect.fail(
      `${what}, ${name}: expected the change along a way of length ${length} to be the integral of the derivative, ` +
        `got a difference of ${errors[row]} in row ${first + row}; ${bad} of ${rows} rows differ.`,
    );
  }
};

/** Largest number of rows that are compared with integrals. */
const WAYS = 24;

/** Returns the integral over a way of length 1 from slopes at three or five points, and a bound of its error. */
const integrated = (slopes: readonly number[]): { readonly integral: number; readonly accuracy: number } => {
  const [first, middle, last] = [slopes[0]!, slopes[slopes.length >> 1]!, slopes.at(-1)!];
  const simpson = (first + 4 * middle + last) / 6;
  if (slopes.length === 3) return { integral: simpson, accuracy: Math.abs(simpson - (first + last) / 2) };
  const integral = (first + 4 * slopes[1]! + 2 * middle + 4 * slopes[3]! + last) / 12;
  return { integral, accuracy: Math.abs(integral - simpson) / 2 };
};

/** Returns the sums over the entries of each row. */
const rowSums = (d: number, all: ArrayLike<number>, of: (i: number) => number): number[] =>
  Array.from({ length: all.length / d }, (_, row) =>
    Array.from({ length: d }, (_entry, i) => of(row * d + i)).reduce((total, term) => total + term, 0),
  );
