import { All, Any, backend_util, Max, Mean, Min, Prod, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';

/**
 * Returns the result of a reduction along axes of which at least one is empty: every entry is `value`. Returns
 * undefined if no axis is empty. tfjs's own kernels do not write their output for an empty axis.
 */
export const overEmptyAxis = (
  { backend, output }: Machine,
  { shape, dtype }: Pick<TensorInfo, 'shape' | 'dtype'>,
  { axes, keepDims }: { readonly axes: readonly number[]; readonly keepDims: boolean | undefined },
  value: number,
): TensorInfo | undefined => {
  if (axes.every((axis) => shape[axis]! > 0)) return undefined;
  const [kept] = backend_util.computeOutAndReduceShapes(shape, [...axes]);
  const out = output(keepDims === true ? backend_util.expandShapeToKeepDim(kept, [...axes]) : kept, dtype);
  backend.typedArrayFromHeap(out).fill(value);
  return out;
};

/** Returns a kernel for a reduction whose result along an empty axis is `value`, as on the cpu backend of tfjs. */
const reduction = (name: string, value: number): WasmKernel => ({
  name,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    const { axis, reductionIndices, keepDims } = attrs as Readonly<
      Record<'axis' | 'reductionIndices', number | number[]>
    > & { readonly keepDims?: boolean };
    // The attribute of `Max` has another name than the attribute of the other reductions.
    const axes = util.parseAxisParam(name === Max ? reductionIndices : axis, x.shape);
    const { shape } = x;
    // The mean of integers is a float.
    const dtype = name === Mean ? 'float32' : x.dtype;
    return overEmptyAxis(machine, { shape, dtype }, { axes, keepDims }, value) ?? stock();
  },
});

// In an int32 tensor NaN becomes 0.
export const max: WasmKernel = reduction(Max, NaN);
export const min: WasmKernel = reduction(Min, NaN);
export const prod: WasmKernel = reduction(Prod, 1);
export const any: WasmKernel = reduction(Any, 0);
export const all: WasmKernel = reduction(All, 0);
export const mean: WasmKernel = reduction(Mean, 0);
