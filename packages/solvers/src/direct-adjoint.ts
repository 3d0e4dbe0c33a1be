import {
  eliminate,
  FUSED_SIZE,
  identity,
  kernel,
  offTape,
  reshaped,
  sampleNorm,
  scoped,
  sizeOf,
  type SolveEnd,
} from '@impflow/core';
import { add, div, expandDims, fill, mul, sub, tile, type Tensor } from '@tensorflow/tfjs-core';
import type { AdjointSolver } from './adjoint-solver.ts';
import { stackCombine } from './batch-linalg.ts';
import { assertDim } from './jacobian.ts';
import { assertOption } from './solve-options.ts';
import { endOf, evidenceTensor } from './statuses.ts';
import { unitScaleOf } from './unit-scale.ts';

/** Options of {@link directAdjoint}. */
export interface DirectAdjointOptions {
  /** Largest number of elements of an event. Default 64. */
  readonly maxDim?: number;
  /** A sample has converged if its residual is at most `rtol (|rhs| + |u|)`. Default 1e-6. */
  readonly rtol?: number;
}

/**
 * Solves the adjoint system by elimination on the full Jacobian and refines the solution once. The method is for low
 * dimensions.
 *
 * @remarks The cost is the Jacobian (`d` products with the linearization) and an elimination over `[B, d, 2 d]`. The
 * elimination takes `d` sweeps for up to 32 elements, and uses recursive 2 x 2 blocks above 32. The method does not
 * call `vjp`: the residual is computed with the Jacobian. For `y + g(y)` with `Lip(g) < 1` the elimination is safe
 * without pivoting; see `eliminate` of `@impflow/core`. A solve counts as one step: a sample that misses its tolerance
 * has the status `max-steps`.
 * @throws `option` for options out of range. `solve` throws `unsupported` above `maxDim` elements.
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 12, for the refinement.
 */
export const directAdjoint = ({ maxDim = 64, rtol = 1e-6 }: DirectAdjointOptions = {}): AdjointSolver => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'directAdjoint', 'maxDim', 'a positive integer', maxDim);
  assertOption(rtol > 0, 'directAdjoint', 'rtol', 'a positive number', rtol);
  return Object.freeze<AdjointSolver>({
    name: 'direct',
    solve: (linearization, rhs, onEnd) =>
      offTape(() => {
        let end: SolveEnd | undefined;
        const value = scoped(() => {
          const right = reshaped(rhs, [rhs.shape[0]!, sizeOf(rhs.shape.slice(1))]);
          const dim = right.shape[1]!;
          assertDim('directAdjoint', dim, maxDim);
          const jacobian = linearization.jacobian();
          const byOperations = (): readonly [Tensor, Tensor] => transposedSolve(jacobian, right, rtol);
          const [solution, evidence] =
            dim <= FUSED_SIZE
              ? transposedSolveKernel.run({ jacobian, rhs: right }, { rtol }, byOperations)
              : byOperations();
          const figures = { solver: 'direct', steps: 1, evaluations: 0, path: ['direct'] };
          end = endOf('solvers/directAdjoint', evidence, figures, onEnd);
          return reshaped(solution, rhs.shape);
        });
        return { value, ...end! };
      }),
  });
};

/**
 * Solves `(I + J)^T u = rhs` for `jacobian [B, d, d]`, `rhs [B, d]`: scales `rhs` to norm 1, eliminates without
 * pivoting and refines once. Returns `u [B, d]` and the {@link evidenceTensor} `[4 B]` of the scaled system, whose
 * tolerance is `rtol (1 + |u|)`. A method without steps has only one residual, and no divergence limit. For a zero
 * `rhs` the results are zeros. `d` is at most 16.
 */
const transposedSolveKernel = kernel<
  { readonly jacobian: Tensor; readonly rhs: Tensor },
  Required<Pick<DirectAdjointOptions, 'rtol'>>
>('ImpflowTransposedSolve');

/** Computes the result of {@link transposedSolveKernel} with composed operations, for any `d`. */
const transposedSolve = (jacobian: Tensor, rhs: Tensor, rtol: number): readonly [Tensor, Tensor] => {
  const [batch, dim] = jacobian.shape as [number, number, number];
  const a = add(jacobian, identity(dim));
  const scale = unitScaleOf(rhs);
  const b = div(rhs, scale);
  const inverse = eliminate(a, tile(expandDims(identity(dim), 0), [batch, 1, 1])).solution;
  // A^T x of each sample, without a transposed copy.
  const first = stackCombine(inverse, b);
  const u = add(first, stackCombine(inverse, sub(b, stackCombine(a, first))));
  const residual = sampleNorm(sub(b, stackCombine(a, u)));
  const evidence = evidenceTensor({
    residual,
    tolerance: mul(rtol, add(1, sampleNorm(u))),
    latest: residual,
    limit: fill([batch], Number.POSITIVE_INFINITY),
  });
  return [mul(u, scale), evidence];
};
