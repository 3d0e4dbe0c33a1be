import { Conv2DBackpropInput, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convInfo, runConv, type ConvAttributes } from './conv-geometry.ts';

/**
 * The gradient of a convolution with respect to its input: a matrix product, where tfjs's own is a plain loop.
 * `dy [B, h', w', out]`, `filter [kh, kw, in, out]` -> `[B, h, w, in]`. (The convolution itself stays tfjs's: it is XNNPACK's, as fast as ours.)
 */
export const conv2dBackpropInput: WasmKernel = {
  name: Conv2DBackpropInput,
  run: ({ machine, inputs, attrs, stock }) => {
    const { dy, filter } = inputs as Readonly<Record<'dy' | 'filter', TensorInfo>>;
    const { inputShape, ...rest } = attrs as unknown as ConvAttributes & { readonly inputShape: number[] };
    if (rest.dataFormat === 'NCHW') return stock();
    const info = convInfo(Conv2DBackpropInput, inputShape, filter.shape, rest);
    const out = machine.output(info.inShape);
    runConv(machine, 'convInput', machine.address(out), machine.address(dy), machine.address(filter), info);
    return out;
  },
};
