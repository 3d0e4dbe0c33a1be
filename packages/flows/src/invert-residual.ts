import type { Context, Solver } from '@impflow/core';
import { anderson, directAdjoint, implicit, iterativeAdjoint, newton, safeguards, type AdjointSolver, type SolveOptions } from '@impflow/solvers';
import { neg, sub, type Tensor } from '@tensorflow/tfjs-core';
import { atContext, type Net } from './net.ts';

/** How a block solves `z + g(z) = h` and the adjoint system of its gradient. */
export interface RootOptions {
  /** Default: Newton on the exact Jacobian up to dimension 8, Anderson above. */
  readonly solver?: Solver;
  /** Solvers tried in turn on the samples that did not converge. Default: Anderson, then the plain fixed point, which converges for any contraction, given steps enough. */
  readonly fallback?: readonly Solver[];
  /** Default: the exact Jacobian up to dimension 8, Anderson on vector-Jacobian products above. */
  readonly adjoint?: AdjointSolver;
  /** Tolerances and limits of the forward and inverse solves. */
  readonly solve?: Pick<SolveOptions, 'atol' | 'rtol' | 'maxSteps' | 'checkEvery'>;
}

/** Dimension up to which the exact Jacobian is the fastest way to a root. */
const LOW = 8;

/**
 * The `z` with `z + g(z) = h`, differentiable with respect to `h` and the parameters of `g` by the implicit function theorem.
 *
 * @remarks The start `z = h` costs nothing; the memory of the gradient does not grow with the number of steps.
 */
export const invertResidual = (
  net: Net, h: Tensor, phase: 'forward' | 'inverse', { solver, fallback, adjoint, solve = {} }: RootOptions, context: Context,
): Tensor => {
  const { report, condition } = context;
  const g = atContext(net, { condition }, h);
  const low = g.shape.length === 1 && g.shape[0]! <= LOW;
  // z -> h - g(z), whose fixed point is wanted.
  const map = Object.assign((z: Tensor, rhs: Tensor) => sub(rhs, g.apply(z)), {
    linearize: (z: Tensor, rhs: Tensor, given?: Tensor) => {
      // Bound anew: what a conditional net computed of its context in the forward pass is gone in the backward pass.
      const inner = atContext(net, { condition: given }, rhs).linearize(z);
      const value = sub(rhs, inner.value);
      return {
        value,
        jvp: (t: Tensor) => neg(inner.jvp(t)),
        vjp: (u: Tensor) => neg(inner.vjp(u)),
        dispose: () => { inner.dispose(); value.dispose(); },
      };
    },
  });
  const { value, status, stats } = implicit(map, h, {
    ...solve,
    problem: 'fixed-point',
    // The condition may have been computed within the loss: as an input it lives until the backward pass.
    inputs: condition === undefined ? [h] : [h, condition],
    solver: solver ?? (low ? newton() : anderson()),
    fallback: fallback ?? safeguards(),
    adjoint: adjoint ?? (low ? directAdjoint() : iterativeAdjoint()),
    onAdjoint: (solution) => report?.({ at: '', phase: 'adjoint', ...solution }),
  });
  report?.({ at: '', phase, status, stats });
  return value;
};
