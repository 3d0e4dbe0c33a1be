import {
  key,
  drawNormal,
  sampleNorm,
  scoped,
  uniforms,
  type Contraction,
  type NamedVariables,
  type NetLinearization,
} from '@impflow/core';
import {
  add,
  div,
  mul,
  reshape,
  slice,
  sqrt,
  square,
  sum,
  tensor,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { slopes, STEPS } from './differences.ts';

/** Points, tangents and cotangents at which the laws evaluate a map. */
export interface Points {
  /** A batch of points, `[B, ...event]`. */
  readonly x: Tensor;
  /** A stack of tangents, `[K, B, ...event]`. */
  readonly t: Tensor;
  /** A stack of cotangents, `[K, B, ...event]`. */
  readonly w: Tensor;
}

/** Reads a tensor. */
export const values = (of: Tensor): Float32Array => of.dataSync() as Float32Array;
/** Returns the inner product. */
export const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((total, entry, i) => total + entry * b[i]!, 0);

/** Options of {@link expectBound}. */
interface BoundCheck {
  /** `p` of the norm in which the bound holds. */
  readonly order: number;
  /** Number of pairs of points for each of four distances between the points of a pair. */
  readonly pairs: number;
  /** Number of points at which the largest singular value is computed. Used if `order` is 2. */
  readonly points: number;
}

/** Checks that the Lipschitz bound lies in `(0, 1)` and that all slopes are at most the bound. */
export const expectBound = (g: Contraction, { order, pairs, points }: BoundCheck): void => {
  expect(g.lipschitz).toBeGreaterThan(0);
  expect(g.lipschitz).toBeLessThan(1);
  const from = mul(drawNormal(key(54), [pairs, ...g.shape]), 2);
  for (const distance of [0.03, 0.3, 3, 30]) {
    const to = add(from, mul(drawNormal(key(55), from.shape), distance));
    const [moved, gone] = [distances(g.apply(from), g.apply(to), order), distances(from, to, order)];
    // 2e-6 allows for the rounding of values near one.
    moved.forEach((length, i) =>
      expect(length, `distance of the images of row ${i}, which moved by ${gone[i]}`).toBeLessThan(
        g.lipschitz * (1 + 1e-3) * gone[i]! + 2e-6,
      ),
    );
  }
  // Power iteration finds the steepest direction, which random pairs rarely find.
  if (order === 2)
    expect(
      steepest(g, mul(drawNormal(key(57), [points, ...g.shape]), 2)),
      'largest singular value of the Jacobian',
    ).toBeLessThan(g.lipschitz * (1 + 1e-3) + 1e-5);
};

/** Returns a lower bound of the largest spectral norm of the Jacobian at the rows of `x`. */
const steepest = (g: Contraction, x: Tensor): number => {
  const lin = g.linearize(x);
  const unit = (t: Tensor): Tensor => {
    const flat = reshape(t, [x.shape[0]!, -1]);
    return reshape(div(flat, add(sqrt(sum(square(flat), 1, true)), 1e-20)), [1, ...x.shape]);
  };
  let t = unit(drawNormal(key(58), x.shape));
  for (let i = 0; i < 30; i++) t = unit(lin.vjp(lin.jvp(t)));
  const norms = sampleNorm(reshape(lin.jvp(t), x.shape)).dataSync();
  lin.dispose();
  return Math.max(...norms);
};

/** Returns `count` slices along an axis. */
export const part = (of: Tensor, axis: number, from: number, count: number): Tensor =>
  slice(
    of,
    of.shape.map((_, i) => (i === axis ? from : 0)),
    of.shape.map((n, i) => (i === axis ? count : n)),
  );

/** Returns the first tensor of a stack. */
export const firstOf = (stack: Tensor): Tensor =>
  reshape(
    slice(
      stack,
      stack.shape.map(() => 0),
      [1, ...stack.shape.slice(1)],
    ),
    stack.shape.slice(1),
  );

/** Returns a copy of one result of the linearization at `x`, and disposes the linearization. */
export const linearTensor = (g: Contraction, x: Tensor, read: (lin: NetLinearization) => Tensor): Tensor => {
  const lin = g.linearize(x);
  const result = read(lin).clone();
  lin.dispose();
  return result;
};
/** Returns the numbers of {@link linearTensor}. */
export const linear = (g: Contraction, x: Tensor, read: (lin: NetLinearization) => Tensor): Float32Array =>
  values(linearTensor(g, x, read));

/** Returns the p-norm of the difference of each row of two batches. */
const distances = (a: Tensor, b: Tensor, p: number): readonly number[] => {
  const [left, right] = [values(a), values(b)];
  const size = a.size / a.shape[0]!;
  return Array.from({ length: a.shape[0]! }, (_, row) => {
    const gaps = Array.from({ length: size }, (_entry, k) => Math.abs(left[row * size + k]! - right[row * size + k]!));
    return p === Infinity ? Math.max(...gaps) : gaps.reduce((total, gap) => total + gap ** p, 0) ** (1 / p);
  });
};

/**
 * Compares the largest entry and three other entries of each gradient with finite differences. The tolerance is 5e-3
 * times the larger of 1 and the largest entry.
 */
export const expectGradients = (
  loss: () => Tensor,
  gradients: Readonly<Record<string, Tensor>>,
  variables: NamedVariables,
  kinks: boolean,
): void => {
  let [compared, tried] = [0, 0];
  for (const [path, target] of Object.entries(variables)) {
    expect(gradients, 'every parameter has a gradient').toHaveProperty([path]);
    const gradient = values(gradients[path]!);
    const present = values(target).slice();
    const sizes = Array.from(gradient, Math.abs);
    const top = Math.max(...sizes);
    expect(top, `${path} gets no gradient`).toBeGreaterThan(0);
    for (const i of new Set([
      sizes.indexOf(top),
      ...uniforms(key(56), 3).map((u) => Math.floor(u * gradient.length)),
    ])) {
      const { central, jump } = slopes(
        STEPS.map((shift) =>
          scoped(() => {
            assign(target, present.with(i, present[i]! + shift));
            return values(loss())[0]!;
          }),
        ),
      );
      const tolerance = 5e-3 * Math.max(1, top);
      tried++;
      if (kinks && jump > 0.5 * tolerance) continue;
      compared++;
      expect(
        Math.abs(gradient[i]! - central),
        `${path}[${i}]: gradient ${gradient[i]}, difference ${central}`,
      ).toBeLessThan(tolerance);
    }
    assign(target, present);
  }
  expect(compared).toBeGreaterThan(tried / 3);
};

/** Assigns numbers to a variable. */
export const assign = (target: Variable, to: Float32Array): void => {
  const next = tensor(to, target.shape);
  target.assign(next);
  next.dispose();
};
