import { FlowError } from '@impflow/core';
import { Cast, UnsortedSegmentSum, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { runOther } from './other.ts';

/**
 * Computes `out[segmentIds[i]] += x[i]` over the first axis. This sum is the gradient of `gather`. tfjs-backend-wasm
 * lacks this kernel (tensorflow/tfjs#8082). Ids outside `[0, numSegments)` are ignored, as on the other backends.
 * Integers stay integers.
 */
export const unsortedSegmentSum: WasmKernel = {
  name: UnsortedSegmentSum,
  run: ({ machine, inputs, attrs }) => {
    const { x, segmentIds } = inputs as Readonly<Record<'x' | 'segmentIds', TensorInfo>>;
    const { numSegments } = attrs as { readonly numSegments: number };
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== x.shape[0]) {
      throw new FlowError('shape', 'backend-wasm/UnsortedSegmentSum', 'Wrong segment ids', {
        expected: `[${x.shape[0]}]`,
        got: `[${segmentIds.shape.join(', ')}]`,
      });
    }
    const values = x.dtype === 'bool' ? runOther(machine, Cast, { x }, { dtype: 'int32' }) : x;
    const row = x.shape.slice(1);
    const out = machine.output([numSegments, ...row], values.dtype);
    const { address, call } = machine;
    call.clear(address(out), 4 * util.sizeFromShape(out.shape));
    const add = values.dtype === 'int32' ? call.segmentSumInt : call.segmentSum;
    add(address(values), address(segmentIds), address(out), x.shape[0]!, util.sizeFromShape(row), numSegments);
    if (values !== x) machine.backend.disposeData(values.dataId);
    return out;
  },
};
