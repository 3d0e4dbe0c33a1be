import { FlowError } from '@impflow/core';
import { Conv2DBackpropInput, Slice, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { convInfo, isSame, runConv, type ConvAttributes } from './conv-geometry.ts';
import { convolveSame } from './conv.ts';
import { runOther } from './other.ts';

/**
 * Gradient of a convolution with respect to its input: `dy [B, h', w', out]`, `filter [kh, kw, in, out]` ->
 * `[B, h, w, in]`. It is a matrix product, where tfjs's own kernel is a plain loop. Of a `dy` larger than the output of
 * the convolution, the part within that output counts, as on the cpu backend.
 *
 * @throws `input` where `dy` is smaller.
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
