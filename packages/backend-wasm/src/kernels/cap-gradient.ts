import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** The gradient of a capped weight, taken back to the weight; the norm is read where it lies. */
export const capGradient: WasmKernel = {
  name: 'ImpflowCapGradient',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { direct, weight, slope, sigma } = inputs as Record<'direct' | 'weight' | 'slope' | 'sigma', TensorInfo>;
    const { coeff } = attrs as { readonly coeff: number };
    const out = output(weight.shape);
    call.capGradient(address(direct), address(weight), address(slope), address(sigma), address(out), coeff, util.sizeFromShape(weight.shape));
    return out;
  },
};
