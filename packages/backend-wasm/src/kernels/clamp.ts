import { ClipByValue, Relu6, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from '../kernel.ts';

/**
 * Computes `min(max(x, low), high)`. The result for NaN is NaN, whereas tfjs's own kernel returns `low` or `high` for
 * NaN. For integers, tfjs's own kernel compares the bits of floats.
 */
const clamped = (
  { machine: { address, backend, call, output }, inputs }: KernelCall,
  low: number,
  high: number,
): TensorInfo => {
  const { x } = inputs as Record<'x', TensorInfo>;
  const out = output(x.shape, x.dtype);
  if (x.dtype !== 'float32') {
    const numbers = backend.typedArrayFromHeap(out);
    backend.typedArrayFromHeap(x).forEach((value, i) => (numbers[i] = Math.min(Math.max(value, low), high)));
    return out;
  }
  call.clamp(address(x), low, high, address(out), util.sizeFromShape(x.shape));
  return out;
};

export const clipByValue: WasmKernel = {
  name: ClipByValue,
  run: (call) => {
    const { clipValueMin, clipValueMax } = call.attrs as Readonly<Record<'clipValueMin' | 'clipValueMax', number>>;
    return clamped(call, clipValueMin, clipValueMax);
  },
};

export const relu6: WasmKernel = { name: Relu6, run: (call) => clamped(call, 0, 6) };
