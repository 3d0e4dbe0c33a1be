import { FlowError } from '@impflow/core';
import { UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * `out[segmentIds[i]] += x[i]` over the first axis: the gradient of `gather`, which tfjs-backend-wasm lacks
 * (tensorflow/tfjs#8082). Ids outside `[0, numSegments)` are dropped, as on the other backends.
 */
export const unsortedSegmentSum: WasmKernel = {
  name: UnsortedSegmentSum,
  run: ({ machine: { backend, output }, inputs, attrs }) => {
    const { x, segmentIds } = inputs as { readonly x: (typeof inputs)[string]; readonly segmentIds: (typeof inputs)[string] };
    const { numSegments } = attrs as { readonly numSegments: number };
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== x.shape[0]) {
      throw new FlowError('shape', 'backend-wasm/UnsortedSegmentSum', 'Wrong segment ids', { expected: `[${x.shape[0]}]`, got: `[${segmentIds.shape.join(', ')}]` });
    }
    const out = output([numSegments, ...x.shape.slice(1)], x.dtype);
    const width = util.sizeFromShape(x.shape.slice(1));
    // Views last: allocating the output may have grown the memory.
    const [sums, values, ids] = [backend.typedArrayFromHeap(out), backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(segmentIds)];
    sums.fill(0);
    for (let i = 0; i < ids.length; i++) {
      const segment = ids[i]!;
      if (segment < 0 || segment >= numSegments) continue;
      for (let j = 0; j < width; j++) sums[segment * width + j]! += values[i * width + j]!;
    }
    return out;
  },
};
