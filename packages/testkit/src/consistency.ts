import { drawNormal, fold, normals, scoped, type Key, type Shape } from '@impflow/core';
import { mul, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { part, values } from './contraction-measures.ts';
import { expectIntegrals } from './integrals.ts';
import { rounding } from './rounding.ts';
import { SPECIAL, type Batch, type Subject } from './subject.ts';

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
const evaluated = (subject: Subject, x: Tensor, u: Tensor, t: Tensor, w: Tensor): Evaluated => {
  const local = subject.at(x);
  const gradient = local.pullback(u, t, w);
  const found = {
    value: values(local.value),
    jvp: values(local.jvp(t)),
    vjp: values(local.vjp(w)),
    x: values(gradient.x),
    weights: gradient.weights.map(values),
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
  const [rows, entries] = [x.shape[0]!, values(x)];
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
  const [rows, left, right] = [scales.length, values(w), values(t)];
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
