import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { logOfProduct } from './invert.ts';

/** Computes `A^-1 rhs` and `log det A` for each sample, by elimination without pivoting. */
export const eliminate: KernelConfig = hostKernel<Readonly<Record<'a' | 'rhs', Tensor>>>(
  'ImpflowEliminate',
  ({ a, rhs }, _attributes, give) => {
    const [batch, d, k] = rhs.shape as [number, number, number];
    const matrices = valuesOf(a),
      right = valuesOf(rhs),
      square = d * d,
      width = d * k;
    const solution = new Float32Array(batch * width),
      logDets = new Float32Array(batch);
    const m = new Float64Array(square),
      x = new Float64Array(width),
      pivots = new Float64Array(d);
    for (let b = 0; b < batch; b++) {
      for (let at = 0, from = b * square; at < square; at++) m[at] = matrices[from + at]!;
      for (let at = 0, from = b * width; at < width; at++) x[at] = right[from + at]!;
      for (let j = 0; j < d; j++) {
        const pivot = m[j * d + j]!;
        pivots[j] = pivot;
        for (let i = j + 1; i < d; i++) {
          const factor = m[i * d + j]! / pivot;
          for (let c = j + 1; c < d; c++) m[i * d + c]! -= factor * m[j * d + c]!;
          for (let c = 0; c < k; c++) x[i * k + c]! -= factor * x[j * k + c]!;
        }
      }
      for (let i = d - 1; i >= 0; i--) {
        for (let j = i + 1; j < d; j++) {
          const factor = m[i * d + j]!;
          for (let c = 0; c < k; c++) x[i * k + c]! -= factor * x[j * k + c]!;
        }
        for (let c = 0; c < k; c++) x[i * k + c]! /= pivots[i]!;
      }
      for (let at = 0, to = b * width; at < width; at++) solution[to + at] = x[at]!;
      logDets[b] = logOfProduct(pivots, d);
    }
    return [give(solution, rhs.shape), give(logDets, [batch])];
  },
);
