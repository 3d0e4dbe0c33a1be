import { add, expandDims, eye, fill, mul, reshape, sub, sum, tile, type Tensor } from '@tensorflow/tfjs-core';
import { eliminate, sampleNorm } from '@impflow/core';
import { scaledToUnit, type AdjointSolver } from './adjoint.ts';
import { fullJacobian } from './newton.ts';
import { assertOption } from './options.ts';
import { conclude } from './progress.ts';
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
    solve: (residual, rhs) => scaledToUnit(rhs, (unit) => {
      const jacobian = fullJacobian('directAdjoint', residual, maxDim);
      const [batch, dim] = jacobian.shape as [number, number, number];
      const inverse = eliminate(jacobian, tile(expandDims(eye(dim), 0), [batch, 1, 1])).solution;
      const b = rows(unit);
      const first = transposedTimes(inverse, b);
      const u = add(first, transposedTimes(inverse, sub(b, transposedTimes(jacobian, first))));
      const rest = sampleNorm(sub(b, transposedTimes(jacobian, u)));
      const tolerance = mul(rtol, add(1, sampleNorm(u)));
      const { status, residual: norms, converged } = conclude({ residual: rest, tolerance, latest: rest, limit: fill([batch], Number.POSITIVE_INFINITY) });
      return {
        value: reshape(u, rhs.shape), status,
        stats: { solver: 'direct', steps: 1, evaluations: 1, residual: norms, converged, path: ['direct'] },
      };
    }),
  });
};

/** `A^T x` for each sample, `[B, d, d], [B, d] -> [B, d]`, without transposing anything. */
const transposedTimes = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 2)), 1);
