import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Computes the Euclidean norm of each sample. */
export const sampleNorm: WasmKernel = {
  name: 'ImpflowSampleNorm',
  run: ({ machine: { call, address, output }, inputs }) => {
    const { x } = inputs as { readonly x: TensorInfo };
    const [batch, ...event] = x.shape as [number, ...number[]];
    const out = output([batch]);
    call.sampleNorm(address(x), address(out), batch, util.sizeFromShape(event));
    return out;
  },
};
