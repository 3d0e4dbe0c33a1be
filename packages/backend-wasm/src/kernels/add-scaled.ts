import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Computes `x + factor y` for two tensors of equal shape. */
export const addScaled: WasmKernel = {
  name: 'ImpflowAddScaled',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { x, y } = inputs as Record<'x' | 'y', TensorInfo>;
    const { factor } = attrs as { readonly factor: number };
    const out = output(x.shape);
    call.addScaled(address(x), factor, address(y), address(out), util.sizeFromShape(x.shape));
    return out;
  },
};
