import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Computes `A^-1 rhs` and `log det A` for each sample, by elimination without pivoting. */
export const eliminate: WasmKernel = {
  name: 'ImpflowEliminate',
  run: ({ machine: { call, address, output, scratch }, inputs }) => {
    const { a, rhs } = inputs as Record<'a' | 'rhs', TensorInfo>;
    const [batch, d, k] = rhs.shape as [number, number, number];
    const [solution, logDet] = [output(rhs.shape), output([batch])];
    call.eliminate(
      address(a),
      address(rhs),
      address(solution),
      address(logDet),
      scratch(16 * d * (d + k)),
      batch,
      d,
      k,
    );
    return [solution, logDet];
  },
};
