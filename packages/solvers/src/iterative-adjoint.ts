import { expandDims, reshape, sub } from '@tensorflow/tfjs-core';
import type { Solver } from '@impflow/core';
import { scaledToUnit, type AdjointSolver } from './adjoint.ts';
import { anderson } from './anderson.ts';
import { broyden } from './broyden.ts';
import { fixedPoint } from './fixed-point.ts';
import { solve } from './solve.ts';

export interface IterativeAdjointOptions {
  /** Default {@link anderson} with a memory of ten. */
  readonly solver?: Solver;
  /** Default {@link broyden}, then {@link fixedPoint}. */
  readonly fallback?: readonly Solver[];
  /** A sample has converged when its residual is at most `rtol (|rhs| + |u|)`. Default `1e-6`. */
  readonly rtol?: number;
  /** Steps of the first solver; a fallback has 500. Default 100. */
  readonly maxSteps?: number;
  /** As of `solve`. */
  readonly checkEvery?: number;
}

/**
 * The adjoint by any solver of this package, as the fixed point of `u -> rhs - J^T u`, from `u = rhs`: for any dimension.
 *
 * @remarks One vector-Jacobian product per evaluation. The map contracts at the rate `L` of `g`, so fixed-point iteration, the
 * last resort, gets there within `log(rtol) / log(L)` steps, at most 500 by default.
 */
export const iterativeAdjoint = ({
  solver = anderson({ memory: 10 }), fallback = [broyden(), fixedPoint()], rtol = 1e-6, maxSteps = 100, checkEvery,
}: IterativeAdjointOptions = {}): AdjointSolver => Object.freeze<AdjointSolver>({
  name: `iterative(${[solver, ...fallback].map(({ name }) => name).join(', ')})`,
  solve: (g, rhs, onEnd) => scaledToUnit(rhs, (unit) => solve(
    solver, (u) => sub(unit, reshape(g.vjp(expandDims(u, 0)), u.shape)), unit,
    { problem: 'fixed-point', atol: rtol, rtol, maxSteps, fallback, ...(checkEvery === undefined ? {} : { checkEvery }), ...(onEnd === undefined ? {} : { onEnd }) },
  )),
});
