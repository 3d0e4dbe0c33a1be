import { key, scoped, uniforms, type Contraction, type NamedVariables, type NetLinearization } from '@impflow/core';
import { reshape, slice, tensor, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { slopes, STEPS } from './differences.ts';
import { noGradient } from './lively.ts';

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
    expect(top, noGradient(path)).toBeGreaterThan(0);
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
