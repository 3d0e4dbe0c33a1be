import {
  eliminate,
  FUSED_SIZE,
  identity,
  kernel,
  offTape,
  sampleNorm,
  scoped,
  sizeOf,
  type SolveEnd,
} from '@impflow/core';
import { add, div, expandDims, fill, mul, reshape, sub, tile, type Tensor } from '@tensorflow/tfjs-core';
import type { AdjointSolver } from './adjoint-solver.ts';
import { stackCombine } from './batch-linalg.ts';
import { assertDim } from './jacobian.ts';
import { assertOption } from './solve-options.ts';
import { endOf, type Evidence } from './statuses.ts';
import { unitScaleOf } from './unit-scale.ts';

/** Options of {@link directAdjoint}. */
export interface DirectAdjointOptions {
  /** Largest number of elements of an event. Default 64. */
  readonly maxDim?: number;
  /** A sample has converged where its residual is at most `rtol (|rhs| + |u|)`. Default 1e-6. */
  readonly rtol?: number;
}

/**
 * Solves the adjoint system by elimination on the full Jacobian and refines the solution once. It is for low
 * dimensions.
 *
 * @remarks Costs the Jacobian, which is `d` products with the linearization, and an elimination over `[B, d, 2 d]`, in
 * `d` sweeps for up to 32 elements and by recursive 2 x 2 blocks above 32. It does not call `vjp`: the residual is
 * computed with the same Jacobian. For `y + g(y)` with `Lip(g) < 1` the elimination is safe without pivoting; see
 * `eliminate` of core. A solve counts as one step: a sample that misses its tolerance has the status `max-steps`.
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
          const right = reshape(rhs, [rhs.shape[0]!, sizeOf(rhs.shape.slice(1))]);
          const dim = right.shape[1]!;
          assertDim('directAdjoint', dim, maxDim);
          const a = add(linearization.jacobian(), identity(dim));
          const byOperations = (): readonly [Tensor, Tensor, Tensor] => transposedSolve(a, right);
          const [solution, residual, size] =
            dim <= FUSED_SIZE ? transposedSolveKernel.run({ a, rhs: right }, {}, byOperations) : byOperations();
          const evidence: Evidence = {
            residual,
            // The residual and the size are those of the scaled system, in which |rhs| is 1.
            tolerance: mul(rtol, add(1, size)),
            // A method without steps has only one residual, and no divergence limit.
            latest: residual,
            limit: fill([residual.shape[0]!], Number.POSITIVE_INFINITY),
          };
          const figures = { solver: 'direct', steps: 1, evaluations: 0, path: ['direct'] };
          end = endOf('solvers/directAdjoint', evidence, figures, onEnd);
          return reshape(solution, rhs.shape);
        });
        return { value, ...end! };
      }),
  });
};

/**
 * Solves `A^T u = rhs` for `a [B, d, d]`, `rhs [B, d]`: scales `rhs` to norm 1, eliminates without pivoting and refines
 * once. Returns `u [B, d]`, and the residual norm `[B]` and `|u| [B]` of the scaled system. A zero `rhs` gives zeros.
 * `d` is at most 16.
 */
const transposedSolveKernel = kernel<{ readonly a: Tensor; readonly rhs: Tensor }>('ImpflowTransposedSolve');

/** Computes the result of {@link transposedSolveKernel} with composed operations, for any `d`. */
const transposedSolve = (a: Tensor, rhs: Tensor): readonly [Tensor, Tensor, Tensor] => {
  const [batch, dim] = a.shape as [number, number, number];
  const scale = unitScaleOf(rhs);
  const b = div(rhs, scale);
  const inverse = eliminate(a, tile(expandDims(identity(dim), 0), [batch, 1, 1])).solution;
  // A^T x of each sample, without a transposed copy.
  const first = stackCombine(inverse, b);
  const u = add(first, stackCombine(inverse, sub(b, stackCombine(a, first))));
  return [mul(u, scale), sampleNorm(sub(b, stackCombine(a, u))), sampleNorm(u)];
};
