import { Slice, slice_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { copyStrided, isPlain, merged, placeOf, stridesOf } from './strided.ts';

/** A part of a tensor, by runs. tfjs's own copies the whole tensor first. */
export const slice: WasmKernel = {
  name: Slice,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    if (!isPlain(x)) return stock();
    const [begin, size] = slice_util.parseSliceParams(x, attrs['begin'] as number[], attrs['size'] as number[]) as [number[], number[]];
    const [from, to] = [stridesOf(x.shape), stridesOf(size)];
    const out = machine.output(size, x.dtype);
    if (copyStrided(machine, x, placeOf(begin, from), out, 0, merged(size.map((n, axis) => ({ size: n, from: from[axis]!, to: to[axis]! }))))) return out;
    machine.backend.disposeData(out.dataId);
    return stock();
  },
};
