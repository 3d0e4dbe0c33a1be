import { Cast, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { isPlain } from './strided.ts';

/**
 * Converts a tensor to another type. A cast to `bool` converts every number except 0, including NaN, to true, as on the
 * cpu backend. tfjs's own kernel stores the integer part of the number instead.
 */
export const cast: WasmKernel = {
  name: Cast,
  run: ({ machine: { backend, output }, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    if ((attrs as { readonly dtype: string }).dtype !== 'bool' || x.dtype === 'bool' || !isPlain(x)) return stock();
    const out = output(x.shape, 'bool');
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
    for (let i = 0; i < to.length; i++) to[i] = Number(from[i] !== 0);
    return out;
  },
};
