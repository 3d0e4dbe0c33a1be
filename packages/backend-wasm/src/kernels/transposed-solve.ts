import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Solves `(I + J)^T u = rhs` for each sample, with one step of iterative refinement. Also returns the numbers that show
 * convergence, such as residuals; see `direct-adjoint.ts` of package solvers.
 */
export const transposedSolve: WasmKernel = {
  name: 'ImpflowTransposedSolve',
  run: ({ machine: { call, address, output, scratch }, inputs, attrs }) => {
    const { jacobian, rhs } = inputs as Record<'jacobian' | 'rhs', TensorInfo>;
    const { rtol } = attrs as { readonly rtol: number };
    const [batch, d] = rhs.shape as [number, number];
    const [u, evidence] = [output(rhs.shape), output([4 * batch])];
    call.transposedSolve(
      address(jacobian),
      address(rhs),
      address(u),
      address(evidence),
      scratch(16 * d * (2 * d + 3)),
      batch,
      d,
      rtol,
    );
    return [u, evidence];
  },
};
