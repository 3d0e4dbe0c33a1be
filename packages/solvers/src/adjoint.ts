import { abs, div, greater, less, logicalAnd, max, mul, onesLike, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { offTape, sampleNorm, scoped, sizeOf, type Linearization, type Solution } from '@impflow/core';
import { select } from './progress.ts';
import type { OnEnd } from './solve.ts';

/** Solves the transposed linear system of implicit differentiation. */
export interface AdjointSolver {
  readonly name: string;
  /**
   * `(I + J)^T u = rhs` for each sample, `[B, ...event]`, where `J` is the Jacobian of `g`: the equation solved was `y + g(y) = h`.
   * The residuals of the result are relative to `|rhs|`. `onEnd` is called once, with the end of the solve.
   */
  solve(g: Linearization, rhs: Tensor, onEnd?: OnEnd): Solution;
}

/**
 * The norm of each right-hand side, shaped to divide it: gradients come in any size, tolerances should not depend on it. The largest entry where the squares of
 * the norm leave float32; 1 where a right-hand side is zero or not finite: the solver reports those.
 */
export const scaleOf = (rhs: Tensor): Tensor => {
  const norm = sampleNorm(rhs);
  const largest = max(abs(reshape(rhs, [rhs.shape[0]!, sizeOf(rhs.shape.slice(1))])), 1);
  const scale = select(usable(norm), norm, select(usable(largest), largest, onesLike(norm)));
  return reshape(scale, [rhs.shape[0]!, ...rhs.shape.slice(1).map(() => 1)]);
};

const usable = (size: Tensor): Tensor => logicalAnd(greater(size, 0), less(size, Number.POSITIVE_INFINITY));

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
