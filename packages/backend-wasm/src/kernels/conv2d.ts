import { FlowError } from '@impflow/core';
import { Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput, Slice, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convInfo, isSame, runConv, type ConvAttributes } from './conv-geometry.ts';
import { convolveSame } from './conv.ts';
import { runOther } from './other.ts';

/**
 * Computes convolutions whose outputs have the size of the images, in half the time of tfjs's own kernel (XNNPACK).
 * Other convolutions run tfjs's own kernel.
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

/**
 * Gradient of a convolution with respect to its input: `dy [B, h', w', out]`, `filter [kh, kw, in, out]` ->
 * `[B, h, w, in]`. The gradient is computed as a matrix product, whereas tfjs's own kernel is a plain loop. If `dy` is
 * larger than the output of the convolution, only the part within that output counts, as on the cpu backend.
 *
 * @throws `input` if `dy` is smaller than the output of the convolution.
 */
export const conv2dBackpropInput: WasmKernel = {
  name: Conv2DBackpropInput,
  run: ({ machine, inputs, attrs, stock }) => {
    const { dy, filter } = inputs as Readonly<Record<'dy' | 'filter', TensorInfo>>;
    const { inputShape, ...rest } = attrs as ConvAttributes & { readonly inputShape: number[] };
    if (rest.dataFormat === 'NCHW') return stock();
    const info = convInfo(Conv2DBackpropInput, inputShape, filter.shape, rest);
    const { outShape } = info;
    if (outShape.some((size, axis) => size > dy.shape[axis]!)) {
      throw new FlowError(
        'input',
        'backend-wasm/Conv2DBackpropInput',
        'Wrong shape of dy, the input of a transposed convolution',
        {
          expected: `[${outShape.join(', ')}] for an output of [${inputShape.join(', ')}]`,
          got: `[${dy.shape.join(', ')}]`,
          hint: 'Check the shape of the output, the strides and the padding.',
        },
      );
    }
    const part = outShape.some((size, axis) => size < dy.shape[axis]!)
      ? runOther(machine, Slice, { x: dy }, { begin: [0, 0, 0, 0], size: outShape })
      : undefined;
    const out = machine.output(info.inShape);
    const [to, from, by] = [out, part ?? dy, filter].map(machine.address) as [number, number, number];
    if (isSame(info)) {
      const {
        batchSize: count,
        inHeight: h,
        inWidth: w,
        inChannels: m,
        outChannels: n,
        filterHeight: kh,
        filterWidth: kw,
      } = info;
      convolveSame(machine, { from, by, added: 0, to }, { count, h, w, n, m, kh, kw }, true);
    } else runConv(machine, 'convInput', to, from, by, info);
    if (part !== undefined) machine.backend.disposeData(part.dataId);
    return out;
  },
};

/**
 * Gradient of a convolution with respect to its filter: `x [B, h, w, in]`, `dy [B, h', w', out]` ->
 * `[kh, kw, in, out]`. tfjs-backend-wasm lacks this kernel (tensorflow/tfjs#8474), without which convolutional nets
 * cannot train.
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
