import { Conv2DBackpropFilter, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convInfo, runConv, type ConvAttributes } from './conv-geometry.ts';

/**
 * Gradient of a convolution with respect to its filter: `x [B, h, w, in]`, `dy [B, h', w', out]` ->
 * `[kh, kw, in, out]`. tfjs-backend-wasm lacks it (tensorflow/tfjs#8474), and convolutional nets cannot train without
 * it.
 */
export const conv2dBackpropFilter: WasmKernel = {
  name: Conv2DBackpropFilter,
  run: ({ machine, inputs, attrs }) => {
    const { x, dy } = inputs as Readonly<Record<'x' | 'dy', TensorInfo>>;
    const { filterShape, ...rest } = attrs as ConvAttributes & { readonly filterShape: number[] };
    const info = convInfo(Conv2DBackpropFilter, x.shape, filterShape, rest);
    const out = machine.output(info.filterShape);
    runConv(machine, 'convFilter', machine.address(x), machine.address(dy), machine.address(out), info);
    return out;
  },
};
