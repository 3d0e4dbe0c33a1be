import { PadV2, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { copyStrided, isPlain, merged, placeOf, stridesOf } from './strided.ts';

/** A tensor in a larger one that is filled with a number: the gradient of a part. */
export const pad: WasmKernel = {
  name: PadV2,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    const { paddings, constantValue } = attrs as { readonly paddings: readonly (readonly [number, number])[]; readonly constantValue: number };
    if (!isPlain(x)) return stock();
    const shape = paddings.map(([before, after], axis) => before + x.shape[axis]! + after);
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    const out = machine.output(shape, x.dtype);
    machine.backend.typedArrayFromHeap(out).fill(constantValue);
    const place = placeOf(paddings.map(([before]) => before), to);
    if (copyStrided(machine, x, 0, out, place, merged(x.shape.map((size, axis) => ({ size, from: from[axis]!, to: to[axis]! }))))) return out;
    machine.backend.disposeData(out.dataId);
    return stock();
  },
};
