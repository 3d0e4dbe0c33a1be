import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { invert, logOfProduct } from './invert.ts';

/** Computes `log det(I + J)` of each sample and its gradient, from the products of `J` with the unit vectors. */
export const logDet: KernelConfig = hostKernel<Readonly<Record<'tangents', Tensor>>>(
  'ImpflowLogDet',
  ({ tangents }, _attributes, give) => {
    const [d, batch] = tangents.shape as [number, number, number];
    const j = valuesOf(tangents),
      slab = batch * d;
    const value = new Float32Array(batch),
      gradient = new Float32Array(d * slab);
    const a = new Float64Array(d * d),
      pivots = new Float64Array(d);
    for (let b = 0; b < batch; b++) {
      // The matrix `a` is the transpose of `I + J`. Both have the same pivots.
      for (let k = 0; k < d; k++) {
        for (let i = 0, from = k * slab + b * d; i < d; i++) a[k * d + i] = j[from + i]!;
        a[k * d + k]! += 1;
      }
      invert(a, pivots, d);
      value[b] = logOfProduct(pivots, d);
      for (let k = 0; k < d; k++) for (let i = 0, to = k * slab + b * d; i < d; i++) gradient[to + i] = a[i * d + k]!;
    }
    return [give(value, [batch]), give(gradient, tangents.shape)];
  },
);
