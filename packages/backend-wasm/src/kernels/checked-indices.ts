import { FlowError } from '@impflow/core';
import { GatherNd, ScatterNd, SparseToDense, TensorScatterUpdate, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from '../kernel.ts';
import { stridesOf } from './strided.ts';

interface Indexed {
  /** Indices, `[..., depth]`. */
  readonly indices: TensorInfo;
  /** Number of entries of an index. */
  readonly depth: number;
  /** Shape of the tensor to which the indices point. */
  readonly shape: readonly number[];
}

/**
 * Returns a kernel that checks its indices and then runs tfjs's own kernel. Without the check, tfjs's own kernel reads
 * or writes memory outside of the tensor.
 *
 * @throws `input` for an index outside of the tensor.
 */
const checked = (name: string, indexed: (call: KernelCall) => Indexed): WasmKernel => ({
  name,
  run: (call) => {
    const { indices, depth, shape } = indexed(call);
    const [slices, strides] = [util.sizeFromShape(shape.slice(0, depth)), stridesOf(shape.slice(0, depth))];
    const numbers = call.machine.backend.typedArrayFromHeap(indices);
    for (let first = 0; first < numbers.length; first += depth) {
      let place = 0;
      for (let axis = 0; axis < depth; axis++) place += numbers[first + axis]! * strides[axis]!;
      if (place >= 0 && place < slices) continue;
      // The error message is identical to the message of the cpu backend.
      throw new FlowError(
        'input',
        `backend-wasm/${name}`,
        `Invalid indices: ${numbers.subarray(first, first + depth).join()} does not index into ${shape.join()}`,
      );
    }
    return call.stock();
  },
});

/** Describes the indices of a scatter. Indices of rank 1 are positions in a vector. */
const scattered = (indices: TensorInfo, shape: readonly number[]): Indexed => ({
  indices,
  depth: indices.shape.length > 1 ? indices.shape.at(-1)! : 1,
  shape,
});

type Inputs = Readonly<Record<string, TensorInfo>>;

export const gatherNd: WasmKernel = checked(GatherNd, ({ inputs }) => {
  const { params, indices } = inputs as Inputs & Record<'params' | 'indices', TensorInfo>;
  return { indices, depth: indices.shape.at(-1)!, shape: params.shape };
});

export const scatterNd: WasmKernel = checked(ScatterNd, ({ inputs, attrs }) =>
  scattered((inputs as Inputs)['indices']!, (attrs as { readonly shape: readonly number[] }).shape),
);

export const tensorScatterUpdate: WasmKernel = checked(TensorScatterUpdate, ({ inputs }) => {
  const { tensor, indices } = inputs as Inputs & Record<'tensor' | 'indices', TensorInfo>;
  return scattered(indices, tensor.shape);
});

export const sparseToDense: WasmKernel = checked(SparseToDense, ({ inputs, attrs }) =>
  scattered((inputs as Inputs)['sparseIndices']!, (attrs as { readonly outputShape: readonly number[] }).outputShape),
);
