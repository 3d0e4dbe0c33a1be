import type { Linearization, Solution } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OnEnd } from './solve-options.ts';

/**
 * Solves the transposed linear system of implicit differentiation. `implicit` is the differentiation itself. In
 * optimistix this solver is the linear solver of `ImplicitAdjoint`.
 */
export interface AdjointSolver {
  /** Name of the method, as in messages. */
  readonly name: string;
  /**
   * Solves `(I + J)^T u = rhs` for each sample, where `J` is the Jacobian of `linearization` and `rhs` is
   * `[B, ...event]`. `linearization` is the linearization of `g` at the solution `y*` of the forward equation
   * `y + g(y) = h`. It still belongs to the caller. Returns `u`, whose tensor belongs to the caller; its residuals are
   * relative to `|rhs|`. `onEnd` is called once, with the end of the solve. A method without steps counts as one step:
   * a sample that misses its tolerance has the status `max-steps`.
   */
  solve(linearization: Linearization, rhs: Tensor, onEnd?: OnEnd): Solution;
}
