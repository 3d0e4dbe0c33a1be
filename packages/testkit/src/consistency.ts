import { drawNormal, fold, normals, scoped, type Key, type Shape } from '@impflow/core';
import { mul, slice, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { rounding } from './rounding.ts';

/** A map at a batch of points, with its derivatives. */
export interface Local {
  /** The value, `[B, ...event]`. */
  readonly value: Tensor;
  /** `J t` of a stack, `[K, B, ...event]`. */
  jvp(tangents: Tensor): Tensor;
  /** `J^T w` of a stack, `[K, B, ...event]`. */
  vjp(cotangents: Tensor): Tensor;
  /** The gradient of `<u, g(x)> + sum_k <w_k, J t_k>`, for the points and the explicit weights. */
  pullback(u: Tensor, t: Tensor, w: Tensor): { readonly x: Tensor; readonly weights: readonly Tensor[] };
  /** Ends the use of the map at these points. */
  dispose(): void;
}

/** A map for {@link expectConsistent}. */
export interface Subject {
  /** Name of the case, for messages. */
  readonly what: string;
  readonly shape: Shape;
  at(x: Tensor): Local;
  /** Number of terms of the longest sums: see {@link rounding}. */
  readonly terms: number;
  /** Whether the value or its slope jumps. */
  readonly kinks: boolean;
}

/** Sizes of a batch. */
export interface BatchSizes {
  /** Number of rows. */
  readonly rows: number;
  /** Number of tangents and cotangents of each row. */
  readonly stack: number;
  readonly key: Key;
}

/** Relations between values and derivatives that hold at every size, without finite differences of parameters. */
export const expectConsistent = (subject: Subject, { rows, stack, key: k }: BatchSizes): void =>
  scoped(() => {
    const { shape } = subject;
    const x = points(shape, rows, fold(k, 0));
    const [t, w] = [1, 2].map((i) => drawNormal(fold(k, i), [stack, rows, ...shape])) as [Tensor, Tensor];
    const u = drawNormal(fold(k, 3), [rows, ...shape]);
    const whole = evaluated(subject, x, u, t, w);
    const scales = rowScales(x);
    expectTransposed(subject, whole, t, w, scales);
    if (rows > 1) expectSameInParts(subject, whole, { x, u, t, w, scales });
    expectIntegrals(subject, { x, u, t, w, key: fold(k, 4), scales });
  });

/** Results of all methods at one batch. */
interface Evaluated {
  readonly value: Float32Array;
  readonly jvp: Float32Array;
  readonly vjp: Float32Array;
  readonly x: Float32Array;
  readonly weights: readonly Float32Array[];
}
const numbers = (of: Tensor): Float32Array => of.dataSync<'float32'>() as Float32Array;
const evaluated = (subject: Subject, x: Tensor, u: Tensor, t: Tensor, w: Tensor): Evaluated => {
  const local = subject.at(x);
  const gradient = local.pullback(u, t, w);
  const found = {
    value: numbers(local.value),
    jvp: numbers(local.jvp(t)),
    vjp: numbers(local.vjp(w)),
    x: numbers(gradient.x),
    weights: gradient.weights.map(numbers),
  };
  local.dispose();
  return found;
};

/**
 * Draws normal points. The first rows are special: all entries zero, the first entry zero, tiny entries, large entries.
 */
const points = (shape: Shape, rows: number, k: Key): Tensor => {
  const d = shape.reduce((product, n) => product * n, 1);
  const entries = Float32Array.from(normals(k, rows * d), (z, i) => {
    const [row, entry] = [Math.floor(i / d), i % d];
    if (rows < SPECIAL) return z;
    return [0, entry === 0 ? 0 : z, 1e-6 * z, 30 * z][row] ?? z;
  });
  return tensor(entries, [rows, ...shape]);
};

/** Returns, for each row, one plus its largest entry: the size of the numbers in the computation. */
const rowScales = (x: Tensor): number[] => {
  const [rows, entries] = [x.shape[0]!, numbers(x)];
  const d = x.size / rows;
  return Array.from(
    { length: rows },
    (_, row) => 1 + Math.max(...entries.subarray(row * d, (row + 1) * d).map(Math.abs)),
  );
};

/** Checks `<w, J t> = <J^T w, t>` for each row and each entry of the stack. */
const expectTransposed = (
  { what, terms }: Subject,
  { jvp, vjp }: Evaluated,
  t: Tensor,
  w: Tensor,
  scales: readonly number[],
): void => {
  const [rows, left, right] = [scales.length, numbers(w), numbers(t)];
  const d = t.size / t.shape[0]! / rows;
  for (let at = 0; at < t.shape[0]! * rows; at++) {
    let [forward, back, sizes] = [0, 0, [0, 0] as [number, number]];
    for (let i = at * d; i < (at + 1) * d; i++) {
      forward += left[i]! * jvp[i]!;
      back += vjp[i]! * right[i]!;
      sizes = [sizes[0] + left[i]! ** 2, sizes[1] + right[i]! ** 2];
    }
    const size = Math.sqrt(sizes[0] * sizes[1]);
    if (!(Math.abs(forward - back) <= rounding(terms) * scales[at % rows]! * size))
      expect.fail(
        `${what}, row ${at % rows} of ${rows}, entry ${Math.floor(at / rows)} of the stack: expected ` +
          `<w, J t> = <J^T w, t>, got ${forward} and ${back}.`,
      );
  }
};

/** The arguments of a check. */
interface Batch {
  readonly x: Tensor;
  readonly u: Tensor;
  readonly t: Tensor;
  readonly w: Tensor;
  /** See {@link rowScales}. */
  readonly scales: readonly number[];
}

/**
 * Checks that the results of a batch are the results of its parts: the first rows and the other rows, with the first
 * and the other entries of the stack. Gradients for weights are sums over the parts.
 */
const expectSameInParts = (subject: Subject, whole: Evaluated, { x, u, t, w, scales }: Batch): void => {
  const [rows, stack] = [scales.length, t.shape[0]!];
  const d = x.size / rows;
  const { what, terms } = subject;
  const cut = Math.max(1, Math.floor(0.4 * rows));
  const many = Math.min(stack, Math.max(1, Math.floor(0.6 * stack)));
  const sums = whole.weights.map((weight) => new Float64Array(weight.length));
  const sizes = whole.weights.map((weight) => Math.max(...weight.map(Math.abs)));
  const xs = new Float64Array(x.size);
  for (const [first, count] of [
    [0, cut],
    [cut, rows - cut],
  ] as const) {
    for (const [from, length] of [
      [0, many],
      [many, stack - many],
    ] as const) {
      if (length === 0) continue;
      const stacked = (of: Tensor): Tensor => part(part(of, 0, from, length), 1, first, count);
      // The cotangent of the value counts once.
      const own = mul(from === 0 ? 1 : 0, part(u, 0, first, count));
      const found = evaluated(subject, part(x, 0, first, count), own, stacked(t), stacked(w));
      const agrees = (name: string, got: number, wanted: number, row: number, size: number): void => {
        if (!(Math.abs(got - wanted) <= rounding(terms) * scales[row]! * size))
          expect.fail(
            `${what}, ${name} of row ${row}: expected ${wanted}, as in a batch of ${count} rows and a stack of ` +
              `${length}, got ${got} in a batch of ${rows} rows and a stack of ${stack}.`,
          );
      };
      for (let i = 0; i < count * d; i++) {
        const row = first + Math.floor(i / d);
        agrees('the value', whole.value[first * d + i]!, found.value[i]!, row, 1);
        xs[first * d + i]! += found.x[i]!;
        for (let s = 0; s < length; s++) {
          const at = ((from + s) * rows + first) * d + i;
          const size = Math.sqrt(d);
          agrees('jvp', whole.jvp[at]!, found.jvp[s * count * d + i]!, row, size);
          agrees('vjp', whole.vjp[at]!, found.vjp[s * count * d + i]!, row, size);
        }
      }
      for (const [n, weight] of found.weights.entries()) {
        const into = sums[n]!;
        for (const [i, entry] of weight.entries()) into[i]! += entry;
        sizes[n] = Math.max(sizes[n]!, ...weight.map(Math.abs));
      }
    }
  }
  for (const [i, entry] of xs.entries()) {
    const row = Math.floor(i / d);
    if (!(Math.abs(whole.x[i]! - entry) <= rounding(terms * stack) * scales[row]! ** 2 * Math.sqrt(d) * stack))
      expect.fail(`${what}, the pullback of row ${row}: expected the sum over parts ${entry}, got ${whole.x[i]}.`);
  }
  for (const [n, sum] of sums.entries()) {
    // The terms of the sum over rows have random signs, so the sum is smaller than its terms by the root of their
    // number.
    const size = sizes[n]! + Math.sqrt(rows * stack);
    const off = sum.findIndex(
      (entry, i) => !(Math.abs(whole.weights[n]![i]! - entry) <= rounding(terms * rows * stack) * size),
    );
    if (off >= 0)
      expect.fail(
        `${what}, the gradient of weight ${n}, entry ${off}: expected the sum over parts of the batch ` +
          `${sum[off]}, got ${whole.weights[n]![off]}.`,
      );
  }
};

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
const expectIntegrals = (
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
  const start = numbers(few(x, 0));
  const stops = (kinks ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((share) =>
    Float32Array.from(way, (step, i) => start[i]! + share * step),
  );
  // The stops are rounded to float32, so the way is measured between them.
  const gone = Float32Array.from(way, (_, i) => stops.at(-1)![i]! - stops[0]![i]!);
  const [pair, weight, cotangent] = [few(part(t, 0, 0, 1), 1), few(part(w, 0, 0, 1), 1), few(u, 0)];
  const [us, ws] = [numbers(cotangent), numbers(weight)];
  const measured = stops.map((stop) => {
    const local = at(tensor(stop, [rows, ...shape]));
    const [value, image] = [numbers(local.value), numbers(local.jvp(pair))];
    const slope = numbers(local.jvp(tensor(gone, [1, rows, ...shape])));
    const gradient = numbers(local.pullback(cotangent, pair, weight).x);
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
    return off <= noise + accuracy ? 0 : off;
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

/** Smallest number of rows of a batch with special rows. */
const SPECIAL = 4;
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

/** Returns `count` slices along an axis. */
const part = (of: Tensor, axis: number, from: number, count: number): Tensor =>
  slice(
    of,
    of.shape.map((_, i) => (i === axis ? from : 0)),
    of.shape.map((n, i) => (i === axis ? count : n)),
  );
