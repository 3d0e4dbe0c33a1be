import { elementsOf, type Slot } from '@impflow/core';
import type { WasmKernel } from '../kernel.ts';

interface Places {
  readonly memory: ArrayBufferLike;
  readonly slots: readonly Slot[];
}

/** Tensors out to memory that other threads see: one copy, where tfjs's way through an array of its own makes two. */
export const store: WasmKernel = {
  name: 'ImpflowStore',
  run: ({ machine: { backend }, inputs, attrs }) => {
    const { memory, slots } = attrs as unknown as Places;
    slots.forEach((slot, i) => { elementsOf(memory, slot).set(backend.typedArrayFromHeap(inputs[i]!)); });
    return [];
  },
};

/** Tensors in from such memory. */
export const load: WasmKernel = {
  name: 'ImpflowLoad',
  run: ({ machine: { backend, output }, attrs }) => {
    const { memory, slots } = attrs as unknown as Places;
    const outputs = slots.map(({ shape, dtype }) => output(shape, dtype));
    slots.forEach((slot, i) => { backend.typedArrayFromHeap(outputs[i]!).set(elementsOf(memory, slot)); });
    return outputs;
  },
};
