import type { WasmKernel } from '../kernel.ts';

/**
 * Returns a copy that shares the memory of its input, as on every other backend. tfjs clones all tensors that it saves
 * for a gradient, and tfjs's own kernel for this backend would copy their numbers.
 */
export const identity: WasmKernel = {
  name: 'Identity',
  run: ({ machine: { backend }, inputs }) => {
    const { dataId, shape, dtype } = inputs['x']!;
    backend.incRef(dataId);
    return { dataId, shape, dtype };
  },
};
