import { OneHot, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * One-hot encoding: maps `indices [...]` to `[..., depth]`, with `onValue` at the index and `offValue` elsewhere.
 * tfjs's own kernel is wrong for float outputs: it writes the bits of integers into the output.
 */
export const oneHot: WasmKernel = {
  name: OneHot,
  run: ({ machine: { backend, output }, inputs, attrs }) => {
    const { indices } = inputs as Record<'indices', TensorInfo>;
    const { dtype, depth, onValue, offValue } = attrs as {
      readonly dtype: DataType;
      readonly depth: number;
      readonly onValue: number;
      readonly offValue: number;
    };
    const out = output([...indices.shape, depth], dtype);
    const [places, to] = [backend.typedArrayFromHeap(indices), backend.typedArrayFromHeap(out)];
    to.fill(offValue);
    places.forEach((place, i) => {
      if (place >= 0 && place < depth) to[i * depth + place] = onValue;
    });
    return out;
  },
};
