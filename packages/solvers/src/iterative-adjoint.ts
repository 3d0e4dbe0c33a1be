import { reshaped, type Solver } from '@impflow/core';
import { sub } from '@tensorflow/tfjs-core';
import type { AdjointSolver } from './adjoint-solver.ts';
import { anderson } from './anderson.ts';
import { broyden } from './broyden.ts';
import { fixedPoint } from './fixed-point.ts';
import { solve } from './solve.ts';
import { scaledToUnit } from './unit-scale.ts';

/** Options of {@link iterativeAdjoint}. */
export interface IterativeAdjointOptions {
  /** The first solver that runs. Default {@link anderson} with a memory of ten. */
  readonly solver?: Solver;
  /**
   * Solvers for the samples that have not converged. Default {@link broyden}, then {@link fixedPoint}. The default is
   * not `safeguards`, because the first solver of `safeguards` is Anderson acceleration, which has run already.
   */
  readonly fallback?: readonly Solver[];
  /** A sample has converged if its residual is at most `rtol (|rhs| + |u|)`. Default 1e-6. */
  readonly rtol?: number;
  /** Largest number of steps of the first solver. Default 100. A fallback may take `max(500, maxSteps)` steps. */
  readonly maxSteps?: number;
  /** Number of steps between two convergence checks. Default: the default of `solve`. */
  readonly checkEvery?: number;
}

/**
 * Solves the adjoint system with solvers of this package, as the fixed point of `u -> rhs - J^T u` from `u = rhs`.
 * Works in any dimension.
 *
 * @remarks Each evaluation costs one vector-Jacobian product. The map is a contraction with the Lipschitz constant `L`
 * of `g`. Therefore fixed-point iteration, the last fallback, converges within about `log(rtol) / log(L)` steps.
 * @throws The method `solve` of the result throws the errors of {@link solve}.
 */
export const iterativeAdjoint = ({
  solver = anderson({ memory: 10 }),
  fallback = [broyden(), fixedPoint()],
  rtol = 1e-6,
  maxSteps = 100,
  checkEvery,
}: IterativeAdjointOptions = {}): AdjointSolver =>
  Object.freeze<AdjointSolver>({
    name: `iterative(${[solver, ...fallback].map(({ name }) => name).join(', ')})`,
    solve: (linearization, rhs, onEnd) =>
      scaledToUnit(rhs, (unit) =>
        solve((u) => sub(unit, reshaped(linearization.vjp(reshaped(u, [1, ...u.shape])), u.shape)), unit, {
          solver,
          problem: 'fixed-point',
          atol: rtol,
          rtol,
          maxSteps,
          fallback,
          ...(checkEvery === undefined ? {} : { checkEvery }),
          ...(onEnd === undefined ? {} : { onEnd }),
        }),
      ),
  });
