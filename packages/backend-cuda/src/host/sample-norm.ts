import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { squares } from './sums.ts';

/**
 * Computes the Euclidean norm of each sample. Sums in float64, but returns infinity if a float32 sum would overflow.
 */
export const sampleNorm: KernelConfig = hostKernel<Readonly<Record<'x', Tensor>>>(
  'ImpflowSampleNorm',
  ({ x }, _attributes, give) => {
    const batch = x.shape[0]!,
      n = batch === 0 ? 0 : x.size / batch;
    const values = valuesOf(x),
      norms = new Float32Array(batch);
    for (let b = 0; b < batch; b++) norms[b] = Math.sqrt(Math.fround(squares(values, b * n, n)));
    return give(norms, [batch]);
  },
);
