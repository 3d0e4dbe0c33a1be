import { add, div, expandDims, fill, mul, reshape, sub, sum, tile, type Tensor } from '@tensorflow/tfjs-core';
import { eliminate, fused, identity, offTape, sampleNorm, scoped, type SolveEnd } from '@impflow/core';
import { scaleOf, type AdjointSolver } from './adjoint.ts';
import { conclude } from './end.ts';
import { fullJacobian } from './newton.ts';
import { assertOption } from './options.ts';
import { rows } from './rows.ts';

export interface DirectAdjointOptions {
  /** Refuse events of more elements. Default 64. */
  readonly maxDim?: number;
  /** A sample has converged when its residual is at most `rtol (|rhs| + |u|)`. Default `1e-6`. */
  readonly rtol?: number;
}

/**
 * The adjoint by elimination on the full Jacobian, refined once: for low dimension.
 *
 * @remarks `d` tangents through the linearization in one stack, then `d` sweeps over `[B, d, 2 d]`. No `vjp` at all: the
 * residual is the one of the same Jacobian. Safe without pivoting for `F(y) = y - f(y)` with `Lip(f) < 1`, see `newton`.
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 12, for the refinement.
 */
export const directAdjoint = ({ maxDim = 64, rtol = 1e-6 }: DirectAdjointOptions = {}): AdjointSolver => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'directAdjoint', 'maxDim', 'a positive integer', maxDim);
  assertOption(rtol > 0, 'directAdjoint', 'rtol', 'a positive number', rtol);
  return Object.freeze<AdjointSolver>({
    name: 'direct',
    jacobian: true,
    solve: (residual, rhs, onEnd) => offTape(() => {
      let end: SolveEnd | undefined;
      const value = scoped(() => {
        const a = fullJacobian('directAdjoint', residual, maxDim);
        const [solution, rest, size] = a.shape[1]! <= FUSED_SIZE
          ? fused('ImpflowTransposedSolve', { a, rhs: rows(rhs) }, {}, () => composed(a, rows(rhs))) : composed(a, rows(rhs));
        const judged = { residual: rest, tolerance: mul(rtol, add(1, size)), latest: rest, limit: fill([rest.shape[0]!], Number.POSITIVE_INFINITY) };
        end = conclude('solvers/directAdjoint', judged, { solver: 'direct', steps: 1, evaluations: 0, path: ['direct'] }, onEnd);
        return reshape(solution, rhs.shape);
      });
      return { value, ...end! };
    }),
  });
};

/** Above it the sweeps of the composed operations are long enough to pay for themselves. */
const FUSED_SIZE = 16;

/** `A^T u = rhs` of unit right-hand sides by elimination, refined once: the solution, and its residual and size before the scale comes back. */
const composed = (a: Tensor, rhs: Tensor): readonly [Tensor, Tensor, Tensor] => {
  const [batch, dim] = a.shape as [number, number, number];
  const scale = scaleOf(rhs);
  const b = div(rhs, scale);
  const inverse = eliminate(a, tile(expandDims(identity(dim), 0), [batch, 1, 1])).solution;
  const first = transposedTimes(inverse, b);
  const u = add(first, transposedTimes(inverse, sub(b, transposedTimes(a, first))));
  return [mul(u, scale), sampleNorm(sub(b, transposedTimes(a, u))), sampleNorm(u)];
};

/** `A^T x` for each sample, `[B, d, d], [B, d] -> [B, d]`, without transposing anything. */
const transposedTimes = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 2)), 1);
