import { Conv2D, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convInfo, isSame, type ConvAttributes } from './conv-geometry.ts';
import { convolveSame } from './conv.ts';

/**
 * Convolution that keeps the size of images, in half the time of tfjs's own kernel (XNNPACK). Others use that kernel.
 */
export const conv2d: WasmKernel = {
  name: Conv2D,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x, filter } = inputs as Readonly<Record<'x' | 'filter', TensorInfo>>;
    const attributes = attrs as ConvAttributes;
    if (attributes.dataFormat === 'NCHW' || x.dtype !== 'float32' || filter.dtype !== 'float32') return stock();
    const info = convInfo(Conv2D, x.shape, filter.shape, attributes);
    if (!isSame(info)) return stock();
    const {
      batchSize: count,
      inHeight: h,
      inWidth: w,
      inChannels: n,
      outChannels: m,
      filterHeight: kh,
      filterWidth: kw,
    } = info;
    const out = machine.output(info.outShape);
    convolveSame(
      machine,
      { from: machine.address(x), by: machine.address(filter), added: 0, to: machine.address(out) },
      { count, h, w, n, m, kh, kw },
      false,
    );
    return out;
  },
};
