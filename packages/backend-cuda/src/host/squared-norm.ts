import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { squares } from './sums.ts';

/** Returns the sum of the squares of all elements of all inputs, computed in float64. */
export const squaredNorm: KernelConfig = hostKernel<Readonly<Record<string, Tensor>>>(
  'ImpflowSquaredNorm',
  (inputs, _attributes, give) => {
    let sum = 0;
    for (const x of Object.values(inputs)) sum += squares(valuesOf(x), 0, x.size);
    return give(Float32Array.of(sum), []);
  },
);
