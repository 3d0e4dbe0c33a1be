import {
  capabilities,
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
import { add, div, expandDims, fill, mul, reshape, sub, sum, tile, type Tensor } from '@tensorflow/tfjs-core';
import { scaleOf, type AdjointSolver } from './adjoint.ts';
import { assertDim } from './newton.ts';
import { assertOption } from './options.ts';
import { readOutcome } from './progress.ts';
import type { OnEnd } from './solve-options.ts';
import { endLater } from './unchecked.ts';

/** Options of {@link directAdjoint}. */
export interface DirectAdjointOptions {
  /** Largest number of elements of an event. Default 64. */
  readonly maxDim?: number;
  /** A sample has converged where its residual is at most `rtol (|rhs| + |u|)`. Default 1e-6. */
  readonly rtol?: number;
}

/**
 * Solves the adjoint system by elimination on the full Jacobian and refines the solution once. For low dimension.
 *
 * @remarks Costs the Jacobian, which is `d` products with the linearization, and `d` sweeps over `[B, d, 2 d]`. It does
 * not call `vjp`: the residual is computed with the same Jacobian. For `y + g(y)` with `Lip(g) < 1` the elimination is
 * safe without pivoting; see `eliminate` of core.
 * @throws `option` for options out of range. `solve` throws `unsupported` above `maxDim` elements.
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 12, for the refinement.
 */
export const directAdjoint = ({ maxDim = 64, rtol = 1e-6 }: DirectAdjointOptions = {}): AdjointSolver => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'directAdjoint', 'maxDim', 'a positive integer', maxDim);
  assertOption(rtol > 0, 'directAdjoint', 'rtol', 'a positive number', rtol);
  return Object.freeze<AdjointSolver>({
    name: 'direct',
    solve: (g, rhs, onEnd) =>
      offTape(() => {
        let end: SolveEnd | undefined;
        const value = scoped(() => {
          const right = reshape(rhs, [rhs.shape[0]!, sizeOf(rhs.shape.slice(1))]);
          const dim = right.shape[1]!;
          if (dim > maxDim) assertDim('directAdjoint', dim, maxDim);
          const a = add(g.jacobian(), identity(dim));
          const [solution, rest, size] =
            dim <= FUSED_SIZE
              ? transposedSolve.run({ a, rhs: right }, {}, () => composed(a, right))
              : composed(a, right);
          const judged = {
            residual: rest,
            tolerance: mul(rtol, add(1, size)),
            latest: rest,
            limit: fill([rest.shape[0]!], Number.POSITIVE_INFINITY),
          };
          end = endOf(judged, onEnd);
          return reshape(solution, rhs.shape);
        });
        return { value, ...end! };
      }),
  });
};

/**
 * Solves `A^T u = rhs` for `a [B, d, d]`, `rhs [B, d]`: scales `rhs` to norm 1, eliminates without pivoting and refines
 * once. Returns `u [B, d]`, and from the scaled system the residual norm `[B]` and `|u| [B]`. A zero `rhs` gives zeros.
 * `d` is at most 16.
 */
const transposedSolve = kernel<{ readonly a: Tensor; readonly rhs: Tensor }>('ImpflowTransposedSolve');

/** The same, composed of operations, for any `d`. */
const composed = (a: Tensor, rhs: Tensor): readonly [Tensor, Tensor, Tensor] => {
  const [batch, dim] = a.shape as [number, number, number];
  const scale = scaleOf(rhs);
  const b = div(rhs, scale);
  const inverse = eliminate(a, tile(expandDims(identity(dim), 0), [batch, 1, 1])).solution;
  const first = transposedTimes(inverse, b);
  const u = add(first, transposedTimes(inverse, sub(b, transposedTimes(a, first))));
  return [mul(u, scale), sampleNorm(sub(b, transposedTimes(a, u))), sampleNorm(u)];
};

/** `A^T x` for each sample, `[B, d, d], [B, d] -> [B, d]`, without a transposed copy. */
const transposedTimes = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 2)), 1);

/** Returns the end of the solve, which counts as one step. Calls `onEnd`, or leaves that to `settle`. */
const endOf = (judged: Parameters<typeof readOutcome>[0], onEnd: OnEnd | undefined): SolveEnd => {
  const counted = { solver: 'direct', steps: 1, evaluations: 0, path: ['direct'] };
  if (!capabilities().syncRead) return endLater('solvers/directAdjoint', judged, counted, onEnd);
  const { status, residual, converged, each } = readOutcome(judged);
  const end = { status, stats: { ...counted, residual, converged, status: each } };
  onEnd?.(end);
  return end;
};
