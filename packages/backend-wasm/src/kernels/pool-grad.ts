import { AvgPoolGrad, backend_util, MaxPoolGrad, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from '../kernel.ts';
import { windowOf, type ConvAttributes } from './conv-geometry.ts';

/** The gradient's tensor, cleared, and what the compiled kernels take beside addresses. */
const prepared = ({ machine: { address, call, output }, attrs }: KernelCall, input: TensorInfo): { readonly out: TensorInfo; readonly sizes: readonly number[] } => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as ConvAttributes & { readonly filterSize: [number, number] };
  const info = backend_util.computePool2DInfo(input.shape as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
  const out = output(input.shape);
  call.clear(address(out), 4 * util.sizeFromShape(input.shape));
  return { out, sizes: [info.batchSize, info.inHeight, info.inWidth, info.inChannels, ...windowOf(info)] };
};

/**
 * The gradient of max-pooling. tfjs's own starts its search at the smallest positive float instead of minus infinity, so windows
 * without a positive number get no gradient. `dy [B, h', w', c]`, `input [B, h, w, c]` -> `[B, h, w, c]`.
 */
export const maxPoolGrad: WasmKernel = {
  name: MaxPoolGrad,
  run: (kernelCall) => {
    const { dy, input } = kernelCall.inputs as Readonly<Record<'dy' | 'input', TensorInfo>>;
    const { out, sizes } = prepared(kernelCall, input);
    const { address, call } = kernelCall.machine;
    call.maxPoolGradient(address(input), address(dy), address(out), ...sizes);
    return out;
  },
};

/** The gradient of average-pooling, which in tfjs counts padding as pixels: as on its other backends. */
export const avgPoolGrad: WasmKernel = {
  name: AvgPoolGrad,
  run: (kernelCall) => {
    const { dy, input } = kernelCall.inputs as Readonly<Record<'dy' | 'input', TensorInfo>>;
    const { out, sizes } = prepared(kernelCall, input);
    const { address, call } = kernelCall.machine;
    call.averagePoolGradient(address(dy), address(out), ...sizes);
    return out;
  },
};
