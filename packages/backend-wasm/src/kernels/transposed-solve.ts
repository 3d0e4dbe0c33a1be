import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Solves `A^T u = rhs` for each sample, with one step of iterative refinement. Also returns the norms of the residual
 * and of the solution for the right-hand side `rhs / |rhs|`.
 */
export const transposedSolve: WasmKernel = {
  name: 'ImpflowTransposedSolve',
  run: ({ machine: { call, address, output, scratch }, inputs }) => {
    const { a, rhs } = inputs as Record<'a' | 'rhs', TensorInfo>;
    const [batch, d] = rhs.shape as [number, number];
    const [u, residual, size] = [output(rhs.shape), output([batch]), output([batch])];
    call.transposedSolve(
      address(a),
      address(rhs),
      address(u),
      address(residual),
      address(size),
      scratch(16 * d * (2 * d + 3)),
      batch,
      d,
    );
    return [u, residual, size];
  },
};
