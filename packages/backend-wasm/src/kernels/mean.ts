import { backend_util, Mean, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Computes the mean along axes. The mean along an empty axis is 0, as on the cpu backend; tfjs's own kernel does not
 * write the output in this case.
 */
export const mean: WasmKernel = {
  name: Mean,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    const { axis, keepDims } = attrs as { readonly axis: number | number[]; readonly keepDims?: boolean };
    const axes = util.parseAxisParam(axis, x.shape);
    if (axes.every((axis) => x.shape[axis]! > 0)) return stock();
    const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const out = machine.output(keepDims === true ? backend_util.expandShapeToKeepDim(shape, axes) : shape);
    machine.backend.typedArrayFromHeap(out).fill(0);
    return out;
  },
};
