import { FlowError } from '@impflow/core';
import { backend_util, GatherV2, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Returns slices of `x` along an axis, by index. With `batchDims` above 0 tfjs's own kernel is wrong: it uses the
 * indices of the first row for every row.
 *
 * @throws `input` for an index outside the axis.
 */
export const gather: WasmKernel = {
  name: GatherV2,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x, indices } = inputs as Readonly<Record<'x' | 'indices', TensorInfo>>;
    if (x.dtype === 'string' || x.dtype === 'complex64' || indices.dtype !== 'int32') return stock();
    const { axis, batchDims = 0 } = attrs as { readonly axis: number; readonly batchDims?: number };
    const along = util.parseAxisParam(axis, x.shape)[0]!;
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
      backend_util.segment_util.collectGatherOpShapeInfo(x, indices, along, batchDims);
    const out = machine.output(outputShape, x.dtype);
    const count = batchSize === 0 ? 0 : util.sizeFromShape(indices.shape) / batchSize;
    const bytes = sliceSize * (x.dtype === 'bool' ? 1 : 4);
    const wrong = machine.call.gatherRows(
      machine.address(x),
      machine.address(indices),
      machine.address(out),
      batchSize,
      outerSize,
      dimSize,
      count,
      bytes,
    );
    if (wrong >= 0) {
      machine.backend.disposeData(out.dataId);
      // The error message is identical to the message of the cpu backend.
      throw new FlowError(
        'input',
        'backend-wasm/GatherV2',
        `GatherV2: the index value ${machine.backend.typedArrayFromHeap(indices)[wrong]} is not in [0, ${dimSize - 1}]`,
      );
    }
    return out;
  },
};
