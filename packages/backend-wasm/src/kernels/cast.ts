import { Cast, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { isPlain } from './strided.ts';

/** Another type for the same numbers. To `bool` every number but 0 is true, NaN too, as on the cpu backend; tfjs's own keeps the whole part of a number. */
export const cast: WasmKernel = {
  name: Cast,
  run: ({ machine: { backend, output }, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    if (attrs['dtype'] !== 'bool' || x.dtype === 'bool' || !isPlain(x)) return stock();
    const out = output(x.shape, 'bool');
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
    for (let i = 0; i < to.length; i++) to[i] = Number(from[i] !== 0);
    return out;
  },
};
