import { key, normals, offTape, scoped, sizeOf, type Linearization, type Shape } from '@impflow/core';
import { matMul, reshape, tensor, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { spectralNorm } from './matrix.ts';

/** A batch of linear systems. */
export interface System {
  /** Shape of an event with `d` elements. */
  readonly event: Shape;
  /** `I + J` of each row, `[B][d][d]`. */
  readonly matrices: readonly (readonly (readonly number[])[])[];
  /** Right-hand side of each row, `[B][d]`. */
  readonly rhs: readonly (readonly number[])[];
}

/** Returns standard normal random numbers. */
export const entries = (seed: number, count: number): number[] => [...normals(key(seed), count)];

/** Returns systems with the matrices `I + J`. `J` is a different random matrix of norm `slope` for each row. */
export const system = (event: Shape, batch: number, slope: number, seed = 0): System => {
  const d = sizeOf(event);
  const matrices = Array.from({ length: batch }, (_, b) => {
    const draw = entries(seed + 100 + b, d * d);
    const j = Array.from({ length: d }, (_row, i) => draw.slice(i * d, (i + 1) * d));
    const scale = slope / spectralNorm(j);
    return j.map((row, i) => row.map((entry, k) => (i === k ? 1 : 0) + scale * entry));
  });
  return { event, matrices, rhs: rightHandSides(batch, d, seed) };
};

/** Returns a different right-hand side of normal numbers for each row. */
export const rightHandSides = (batch: number, d: number, seed = 0): readonly (readonly number[])[] =>
  Array.from({ length: batch }, (_, b) => entries(seed + 1000 + b, d));

/** A matrix of rank two. The third entry of the product of this matrix, or of its transpose, with a vector is zero. */
export const SINGULAR: readonly (readonly number[])[] = [
  [0.5, 0.2, 0],
  [-0.1, 0.7, 0],
  [0, 0, 0],
];

/** Returns a bound of the rounding error of `A^T u - rhs` in float32, relative to `|rhs|`. */
export const rounding = (u: readonly number[], rhs: readonly number[]): number =>
  3e-6 * (1 + Math.hypot(...u) / Math.hypot(...rhs));

/** Returns the Euclidean distance between two vectors. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((entry, i) => entry - b[i]!));

/**
 * Returns a linearization in which `I + J` are the given matrices, in plain tensor operations. Each row is multiplied
 * separately, so a row with NaN or infinity does not change other rows.
 */
export const linearOf = (event: Shape, matrices: System['matrices']): Linearization => {
  const [batch, d] = [matrices.length, sizeOf(event)];
  const jacobian = tensor(
    matrices.map((matrix) => matrix.map((row, i) => row.map((entry, k) => entry - (i === k ? 1 : 0)))).flat(2),
    [batch, d, d],
  );
  const value = tensor(new Float32Array(batch * d), [batch, ...event]);
  // [K, B, d] -> [B, K, d] and back.
  const product =
    (transpose_: boolean) =>
    (stack: Tensor): Tensor =>
      offTape(() =>
        scoped(() =>
          reshape(
            transpose(
              matMul(transpose(reshape(stack, [-1, batch, d]), [1, 0, 2]), jacobian, false, !transpose_),
              [1, 0, 2],
            ),
            stack.shape,
          ),
        ),
      );
  return {
    value,
    jvp: product(false),
    vjp: product(true),
    jacobian: () => jacobian,
    dispose: () => {
      for (const owned of [value, jacobian]) owned.dispose();
    },
  };
};
