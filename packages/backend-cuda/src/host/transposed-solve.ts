import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { invert } from './invert.ts';

/**
 * Solves `A^T u = rhs` for each sample, with one step of iterative refinement. Also returns the norms of the residual
 * and of the solution for the right-hand side `rhs / |rhs|`.
 */
export const transposedSolve: KernelConfig = hostKernel<Readonly<Record<'a' | 'rhs', Tensor>>>(
  'ImpflowTransposedSolve',
  ({ a, rhs }, _attributes, give) => {
    const [batch, d] = rhs.shape as [number, number];
    const matrices = valuesOf(a),
      right = valuesOf(rhs),
      square = d * d;
    const u = new Float32Array(batch * d),
      residual = new Float32Array(batch),
      size = new Float32Array(batch);
    const matrix = new Float64Array(square),
      inverse = new Float64Array(square),
      pivots = new Float64Array(d);
    const unit = new Float64Array(d),
      x = new Float64Array(d),
      rest = new Float64Array(d);
    for (let b = 0; b < batch; b++) {
      for (let at = 0, from = b * square; at < square; at++) matrix[at] = inverse[at] = matrices[from + at]!;
      invert(inverse, pivots, d);
      let squares = 0;
      for (let i = 0; i < d; i++) squares += right[b * d + i]! ** 2;
      const scale = squares > 0 && squares < Infinity ? Math.sqrt(squares) : 1;
      for (let i = 0; i < d; i++) unit[i] = rest[i] = right[b * d + i]! / scale;

      x.fill(0);
      addTransposed(x, inverse, rest, 1);
      remainder(rest, unit, matrix, x);
      addTransposed(x, inverse, rest, 1);
      // Computes the residual and the norm from the solution rounded to float32, which is returned.
      for (let i = 0; i < d; i++) x[i] = Math.fround(x[i]!);
      remainder(rest, unit, matrix, x);

      residual[b] = norm(rest);
      size[b] = norm(x);
      for (let i = 0; i < d; i++) u[b * d + i] = x[i]! * scale;
    }
    return [give(u, rhs.shape), give(residual, [batch]), give(size, [batch])];
  },
);

/** `to += sign a^T x`. */
const addTransposed = (to: Float64Array, a: Float64Array, x: Float64Array, sign: 1 | -1): void => {
  const d = to.length;
  for (let j = 0; j < d; j++) {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += a[i * d + j]! * x[i]!;
    to[j]! += sign * sum;
  }
};

/** `to = b - a^T x`. */
const remainder = (to: Float64Array, b: Float64Array, a: Float64Array, x: Float64Array): void => {
  for (let i = 0; i < to.length; i++) to[i] = b[i]!;
  addTransposed(to, a, x, -1);
};

const norm = (x: Float64Array): number => {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i]! ** 2;
  return Math.sqrt(squares);
};
