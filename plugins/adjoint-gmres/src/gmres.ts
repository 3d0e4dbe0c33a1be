import { add, expandDims, reshape, sub } from '@tensorflow/tfjs-core';
import { FlowError, type Solver } from '@impflow/core';
import { safeguards, scaledToUnit, solve, type AdjointSolver } from '@impflow/solvers';
import { minimalResidual } from './minimal-residual.ts';

export interface GmresOptions {
  /** Vectors that the space takes in before it begins anew; never more than an event has elements. Default 30. */
  readonly restart?: number;
  /** A sample has converged when its residual is at most `rtol (|rhs| + |u|)`. Default `1e-6`. */
  readonly rtol?: number;
  /** Steps at most, of one product each after the first. Default 100. */
  readonly maxSteps?: number;
  /** Solvers that take over the samples left undone, one after the other, for up to 500 steps. Default `safeguards()`: Anderson, then fixed-point iteration. */
  readonly fallback?: readonly Solver[];
  /** As of `solve`. */
  readonly checkEvery?: number;
}

/**
 * The adjoint by restarted GMRES: of all methods that see the Jacobian through its products alone, the one that leaves the least residual after so many. One
 * vector-Jacobian product per step, and each sample has a Krylov space of its own.
 *
 * @remarks Beside the `k`-th product of a space `5 k` vector operations and a copy of the space, and `2 restart` vectors of memory for each sample: for products that cost more than that, and
 * slopes near one. The last product of a sample is a look at its true residual.
 * @throws `option` for options out of range.
 * @see Saad and Schultz, GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear systems, SIAM J. Sci. Stat. Comput. 7, 1986.
 */
export const gmres = ({ restart = 30, rtol = 1e-6, maxSteps = 100, fallback = safeguards(), checkEvery }: GmresOptions = {}): AdjointSolver => {
  assertOption(Number.isInteger(restart) && restart > 0, 'restart', 'a positive integer', restart);
  assertOption(rtol > 0, 'rtol', 'a positive number', rtol);
  assertOption(Number.isInteger(maxSteps) && maxSteps > 0, 'maxSteps', 'a positive integer', maxSteps);
  return Object.freeze<AdjointSolver>({
    name: 'gmres',
    solve: (g, rhs, onEnd) => scaledToUnit(rhs, (b) => solve(
      minimalResidual(reshape(b, [b.shape[0]!, -1]), { restart, rtol }), (u) => sub(add(u, reshape(g.vjp(expandDims(u, 0)), u.shape)), b), b,
      { problem: 'root', atol: rtol, rtol, maxSteps, fallback, ...(checkEvery === undefined ? {} : { checkEvery }), ...(onEnd === undefined ? {} : { onEnd }) },
    )),
  });
};

const assertOption = (holds: boolean, name: string, expected: string, got: number): void => {
  if (!holds) throw new FlowError('option', 'adjoint-gmres/gmres', `Wrong ${name}`, { expected, got: String(got) });
};
