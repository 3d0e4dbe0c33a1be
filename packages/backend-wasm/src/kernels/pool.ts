import {
  AvgPool,
  AvgPoolGrad,
  backend_util,
  MaxPool,
  MaxPoolGrad,
  util,
  type NamedAttrMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from '../kernel.ts';
import { windowOf, type ConvAttributes, type ConvInfo } from './conv-geometry.ts';
import { runOther } from './other.ts';

/** Sizes of a pooling of `x [B, h, w, c]`. */
const infoOf = (x: TensorInfo, attrs: KernelCall['attrs']): ConvInfo => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as ConvAttributes & {
    readonly filterSize: [number, number];
  };
  return backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
};

/** Arguments that follow the addresses in a call of a compiled kernel. */
const sizesOf = (info: ConvInfo): readonly number[] => [
  info.batchSize,
  info.inHeight,
  info.inWidth,
  info.inChannels,
  ...windowOf(info),
];

/** Returns a zero tensor for the gradient, and the sizes for the compiled kernel. */
const prepared = (
  { machine: { address, call, output }, attrs }: KernelCall,
  input: TensorInfo,
): { readonly out: TensorInfo; readonly sizes: readonly number[] } => {
  const out = output(input.shape);
  call.clear(address(out), 4 * util.sizeFromShape(input.shape));
  return { out, sizes: sizesOf(infoOf(input, attrs)) };
};

/**
 * Gradient of max-pooling: `dy [B, h', w', c]`, `input [B, h, w, c]` -> `[B, h, w, c]`. tfjs's own kernel starts its
 * search at the smallest positive float instead of minus infinity, so that windows without a positive number get no
 * gradient.
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

/** Gradient of average-pooling. The divisor includes the pixels of the padding, as on the other backends of tfjs. */
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

/** Average-pooling, `x [B, h, w, c]` -> `[B, h', w', c]`. tfjs's own kernel returns -Infinity for a window with NaN. */
export const avgPool: WasmKernel = {
  name: AvgPool,
  run: ({ machine: { address, call, output }, inputs, attrs, stock }) => {
    const { x } = inputs as Readonly<Record<'x', TensorInfo>>;
    if (x.dtype !== 'float32') return stock();
    const info = infoOf(x, attrs);
    const out = output(info.outShape);
    call.averagePool(address(x), address(out), ...sizesOf(info));
    return out;
  },
};

/**
 * Max-pooling, `x [B, h, w, c]` -> `[B, h', w', c]`. NaN is left out of a window, as on the cpu backend of tfjs: the
 * result of a window that contains only NaN is -Infinity. tfjs's own kernel loses the numbers before a NaN.
 *
 * @remarks Only if `x` contains NaN, `x` is copied.
 */
export const maxPool: WasmKernel = {
  name: MaxPool,
  run: ({ machine, inputs, attrs, stock }) => {
    const { backend, output } = machine;
    const { x } = inputs as Readonly<Record<'x', TensorInfo>>;
    if (x.dtype !== 'float32' || !backend.typedArrayFromHeap(x).includes(NaN)) return stock();
    const without = output(x.shape);
    const numbers = backend.typedArrayFromHeap(without);
    backend.typedArrayFromHeap(x).forEach((value, i) => (numbers[i] = Number.isNaN(value) ? -Infinity : value));
    const out = runOther(machine, MaxPool, { x: without }, attrs as NamedAttrMap);
    backend.disposeData(without.dataId);
    return out;
  },
};
