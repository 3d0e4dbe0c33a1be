import { FlowError, shown, type Solver } from '@impflow/core';
import { safeguards, scaledToUnit, solve, type AdjointSolver } from '@impflow/solvers';
import { add, expandDims, reshape, sub } from '@tensorflow/tfjs-core';
import { minimalResidual } from './minimal-residual.ts';

/** Options of {@link gmres}. */
export interface GmresOptions {
  /**
   * Largest number of vectors of a Krylov space before a restart. The number is limited to the number of elements of an
   * event. Default 30.
   */
  readonly restart?: number;
  /** A sample has converged if its residual is at most `rtol (|rhs| + |u|)`. Default 1e-6. */
  readonly rtol?: number;
  /** Largest number of steps. Each step costs one product, and the start costs one more product. Default 100. */
  readonly maxSteps?: number;
  /**
   * Solvers for the samples that have not converged, in order, with at most `max(500, maxSteps)` steps each. Default
   * `safeguards()`: Anderson, then fixed-point iteration.
   */
  readonly fallback?: readonly Solver[];
  /** Number of steps between two convergence checks. Default: the default of `solve`. */
  readonly checkEvery?: number;
}

/**
 * Solves the adjoint system by restarted GMRES. Before the first restart, no method that uses only products with `J^T`
 * reaches a smaller residual with an equal number of products. Each step costs one vector-Jacobian product. Each sample
 * has its own Krylov space.
 *
 * @remarks Step `k` after a restart also costs `5 k` vector operations and a copy of the Krylov space; each sample
 * stores `2 restart` vectors. Choose `gmres` for slopes near one, if products cost more than the vector operations. The
 * last product of a sample checks its true residual.
 * @throws `option` for options out of range. `solve` of the result throws the errors of `solve` of `@impflow/solvers`.
 * @see Saad and Schultz, GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear systems, SIAM
 * J. Sci. Stat. Comput. 7, 1986.
 */
export const gmres = ({
  restart = 30,
  rtol = 1e-6,
  maxSteps = 100,
  fallback = safeguards(),
  checkEvery,
}: GmresOptions = {}): AdjointSolver => {
  assertOption(Number.isInteger(restart) && restart > 0, 'restart', 'a positive integer', restart);
  assertOption(rtol > 0, 'rtol', 'a positive number', rtol);
  assertOption(Number.isInteger(maxSteps) && maxSteps > 0, 'maxSteps', 'a positive integer', maxSteps);
  return Object.freeze<AdjointSolver>({
    name: 'gmres',
    solve: (g, rhs, onEnd) =>
      scaledToUnit(rhs, (b) =>
        solve((u) => sub(add(u, reshape(g.vjp(expandDims(u, 0)), u.shape)), b), b, {
          solver: minimalResidual(reshape(b, [b.shape[0]!, -1]), { restart, rtol }),
          problem: 'root',
          atol: rtol,
          rtol,
          maxSteps,
          fallback,
          ...(checkEvery === undefined ? {} : { checkEvery }),
          ...(onEnd === undefined ? {} : { onEnd }),
        }),
      ),
  });
};

const assertOption = (holds: boolean, name: string, expected: string, got: number): void => {
  if (!holds) throw new FlowError('option', 'adjoint-gmres/gmres', `Wrong ${name}`, { expected, got: shown(got) });
};
