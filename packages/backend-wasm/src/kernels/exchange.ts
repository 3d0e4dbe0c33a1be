import { elementsOf, type Slot } from '@impflow/core';
import type { WasmKernel } from '../kernel.ts';

interface Places {
  readonly memory: ArrayBufferLike;
  readonly slots: readonly Slot[];
}

/**
 * Copies tensors directly to memory that is shared with other threads. With `dataSync` of tfjs each tensor would be
 * copied twice.
 */
export const store: WasmKernel = {
  name: 'ImpflowStore',
  run: ({ machine: { backend }, inputs, attrs }) => {
    const { memory, slots } = attrs as Places;
    slots.forEach((slot, i) => {
      elementsOf(memory, slot).set(backend.typedArrayFromHeap(inputs[i]!));
    });
    return [];
  },
};

/** Makes tensors from values in memory that is shared with other threads. The values are copied. */
export const load: WasmKernel = {
  name: 'ImpflowLoad',
  run: ({ machine: { backend, output }, attrs }) => {
    const { memory, slots } = attrs as Places;
    const outputs = slots.map(({ shape, dtype }) => output(shape, dtype));
    slots.forEach((slot, i) => {
      backend.typedArrayFromHeap(outputs[i]!).set(elementsOf(memory, slot));
    });
    return outputs;
  },
};
