import type { Linearization, Solution } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OnEnd } from './solve-options.ts';

/**
 * A method that solves the transposed linear system in the backward pass of `implicit`. An adjoint solver corresponds
 * to the linear solver of `ImplicitAdjoint` in the library optimistix.
 */
export interface AdjointSolver {
  /** Name of the method, for reports and error messages. */
  readonly name: string;
  /**
   * Solves `(I + J)^T u = rhs` for each sample, where `J` is the Jacobian of `linearization` and `rhs` is
   * `[B, ...event]`. `linearization` is the linearization of `g` at the solution `y*` of the forward equation
   * `y + g(y) = h`. The caller disposes the linearization and `u`, the value of the result. Residuals are relative to
   * `|rhs|`. `onEnd` is called once, with the result of the solve. A method without steps counts as one step: a sample
   * that misses its tolerance has the status `max-steps`.
   */
  solve(linearization: Linearization, rhs: Tensor, onEnd?: OnEnd): Solution;
}
