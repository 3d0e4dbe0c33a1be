import { backend_util, MaxPoolGrad, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { windowOf, type ConvAttributes } from './conv-geometry.ts';

/**
 * The gradient of max-pooling. tfjs's own starts its search at the smallest positive float instead of minus infinity, so windows
 * without a positive number get no gradient. `dy [B, h', w', c]`, `input [B, h, w, c]` -> `[B, h, w, c]`.
 */
export const maxPoolGrad: WasmKernel = {
  name: MaxPoolGrad,
  run: ({ machine: { address, call, output }, inputs, attrs }) => {
    const { dy, input } = inputs as Readonly<Record<'dy' | 'input', TensorInfo>>;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as ConvAttributes & { readonly filterSize: [number, number] };
    const info = backend_util.computePool2DInfo(input.shape as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
    const out = output(input.shape);
    call.clear(address(out), 4 * util.sizeFromShape(input.shape));
    call.maxPoolGradient(address(input), address(dy), address(out), info.batchSize, info.inHeight, info.inWidth, info.inChannels, ...windowOf(info));
    return out;
  },
};
