import {
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  util,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convInfo, windowOf, type ConvAttributes, type ConvInfo } from './conv-geometry.ts';

const sizes = (info: ConvInfo): readonly number[] => {
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = info;
  return [batchSize, inHeight, inWidth, inChannels, outChannels / inChannels, ...windowOf(info)];
};

/** Gradient of a depthwise convolution with respect to its input. tfjs-backend-wasm lacks this kernel. */
export const depthwiseBackpropInput: WasmKernel = {
  name: DepthwiseConv2dNativeBackpropInput,
  run: ({ machine: { address, call, output }, inputs, attrs }) => {
    const { dy, filter } = inputs as Readonly<Record<'dy' | 'filter', TensorInfo>>;
    const { inputShape, ...rest } = attrs as ConvAttributes & { readonly inputShape: number[] };
    const info = convInfo(DepthwiseConv2dNativeBackpropInput, inputShape, filter.shape, rest, true);
    const out = output(info.inShape);
    call.clear(address(out), 4 * util.sizeFromShape(info.inShape));
    call.depthwiseInput(address(out), address(dy), address(filter), ...sizes(info));
    return out;
  },
};

/**
 * Gradient of a depthwise convolution with respect to its filter `[kh, kw, in, multiplier]`. tfjs-backend-wasm lacks
 * this kernel.
 */
export const depthwiseBackpropFilter: WasmKernel = {
  name: DepthwiseConv2dNativeBackpropFilter,
  run: ({ machine: { address, call, output }, inputs, attrs }) => {
    const { x, dy } = inputs as Readonly<Record<'x' | 'dy', TensorInfo>>;
    const { filterShape, ...rest } = attrs as ConvAttributes & { readonly filterShape: number[] };
    const info = convInfo(DepthwiseConv2dNativeBackpropFilter, x.shape, filterShape, rest, true);
    const out = output(filterShape);
    call.clear(address(out), 4 * util.sizeFromShape(filterShape));
    call.depthwiseFilter(address(out), address(x), address(dy), ...sizes(info));
    return out;
  },
};
