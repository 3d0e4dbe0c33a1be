import { BatchMatMul, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { batchProduct } from './gemm.ts';

/**
 * Batched matrix product `op(a) op(b)`, where `op` is the identity or the transpose. Leading dimensions must match or
 * be 1.
 */
export const batchMatMul: WasmKernel = {
  name: BatchMatMul,
  run: ({ machine, inputs, attrs, stock }) => {
    const { a, b } = inputs as { readonly a: TensorInfo; readonly b: TensorInfo };
    const { transposeA, transposeB } = attrs as { readonly transposeA: boolean; readonly transposeB: boolean };
    return batchProduct(machine, a, b, transposeA, transposeB) ?? stock();
  },
};
