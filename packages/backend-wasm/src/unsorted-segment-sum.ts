import { FlowError } from '@impflow/core';
import { getKernel, registerKernel, util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';

/** The part of tfjs's wasm backend that a kernel on its memory needs. */
interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: string): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
}

/**
 * `out[segmentIds[i]] += x[i]` over the first axis: the gradient of `gather`, which tfjs-backend-wasm lacks
 * (tensorflow/tfjs#8082). Ids outside `[0, numSegments)` are dropped, as on the other backends.
 */
const kernel: KernelConfig = {
  kernelName: 'UnsortedSegmentSum',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, segmentIds } = inputs as { readonly x: TensorInfo; readonly segmentIds: TensorInfo };
    const { numSegments } = attrs as unknown as { readonly numSegments: number };
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== x.shape[0]) {
      throw new FlowError('shape', 'backend-wasm/UnsortedSegmentSum', 'Wrong segment ids', { expected: `[${x.shape[0]}]`, got: `[${segmentIds.shape.join(', ')}]` });
    }
    const wasm = backend as unknown as WasmBackend;
    const out = wasm.makeOutput([numSegments, ...x.shape.slice(1)], x.dtype);
    const width = util.sizeFromShape(x.shape.slice(1));
    // Views last: allocating the output may have grown the memory.
    const [sums, values, ids] = [wasm.typedArrayFromHeap(out), wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(segmentIds)];
    sums.fill(0);
    for (let i = 0; i < ids.length; i++) {
      const segment = ids[i]!;
      if (segment < 0 || segment >= numSegments) continue;
      for (let j = 0; j < width; j++) sums[segment * width + j]! += values[i * width + j]!;
    }
    return out;
  },
};

/** Registers the kernel where tfjs has none. */
export const addUnsortedSegmentSum = (): void => {
  if (getKernel(kernel.kernelName, kernel.backendName) === undefined) registerKernel(kernel);
};
