import { Conv2DBackpropInput, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convolveSame } from './conv.ts';
import { convInfo, isSame, runConv, type ConvAttributes } from './conv-geometry.ts';

/**
 * The gradient of a convolution with respect to its input: a matrix product, where tfjs's own is a plain loop.
 * `dy [B, h', w', out]`, `filter [kh, kw, in, out]` -> `[B, h, w, in]`.
 */
export const conv2dBackpropInput: WasmKernel = {
  name: Conv2DBackpropInput,
  run: ({ machine, inputs, attrs, stock }) => {
    const { dy, filter } = inputs as Readonly<Record<'dy' | 'filter', TensorInfo>>;
    const { inputShape, ...rest } = attrs as unknown as ConvAttributes & { readonly inputShape: number[] };
    if (rest.dataFormat === 'NCHW') return stock();
    const info = convInfo(Conv2DBackpropInput, inputShape, filter.shape, rest);
    const out = machine.output(info.inShape);
    if (isSame(info)) {
      const { batchSize: count, inHeight: h, inWidth: w, inChannels: m, outChannels: n, filterHeight: kh, filterWidth: kw } = info;
      convolveSame(machine, { from: machine.address(dy), by: machine.address(filter), added: 0, to: machine.address(out) }, { count, h, w, n, m, kh, kw }, true);
      return out;
    }
    runConv(machine, 'convInput', machine.address(out), machine.address(dy), machine.address(filter), info);
    return out;
  },
};
