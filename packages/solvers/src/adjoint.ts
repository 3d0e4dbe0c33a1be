import { div, greater, less, logicalAnd, mul, onesLike, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { offTape, sampleNorm, scoped, type Linearization, type Solution } from '@impflow/core';
import type { OnEnd } from './end.ts';
import { select } from './rows.ts';

/** Solves the transposed linear system of implicit differentiation. */
export interface AdjointSolver {
  readonly name: string;
  /** Reads the linearization's `jacobian` alone, where there is one. Default false. */
  readonly jacobian?: boolean;
  /**
   * `J^T u = rhs` for each sample, `[B, ...event]`, where `residual` is the linearization of `F(y) = y - f(y)` at the solution.
   * The residuals of the result are relative to `|rhs|`. `onEnd` is told what the solve came to.
   */
  solve(residual: Linearization, rhs: Tensor, onEnd?: OnEnd): Solution;
}

/**
 * The norm of each right-hand side, shaped to divide it: gradients come in any size, tolerances should not depend on it. One where
 * it is zero, which stays zero, or not finite, which is left to the solver to report.
 */
export const scaleOf = (rhs: Tensor): Tensor => {
  const norm = sampleNorm(rhs);
  const usable = logicalAnd(greater(norm, 0), less(norm, Number.POSITIVE_INFINITY));
  return reshape(select(usable, norm, onesLike(norm)), [rhs.shape[0]!, ...rhs.shape.slice(1).map(() => 1)]);
};

/** The solution for `rhs` from a solver of unit right-hand sides. */
export const scaledToUnit = (rhs: Tensor, solveUnit: (unit: Tensor) => Solution): Solution => {
  let solution: Solution | undefined;
  const value = offTape(() => scoped(() => {
    const scale = scaleOf(rhs);
    solution = solveUnit(div(rhs, scale));
    return mul(solution.value, scale);
  }));
  return { ...solution!, value };
};
