import { util } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Returns the sum of the squares of all elements of all inputs, computed in float64. */
export const squaredNorm: WasmKernel = {
  name: 'ImpflowSquaredNorm',
  run: ({ machine: { backend, call, address, output }, inputs }) => {
    let sum = 0;
    for (const x of Object.values(inputs)) sum += call.squaredNorm(address(x), util.sizeFromShape(x.shape));
    const out = output([]);
    backend.typedArrayFromHeap(out)[0] = sum;
    return out;
  },
};
