import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { add, neg, type Tensor } from '@tensorflow/tfjs-core';
import { select } from './batch-linalg.ts';
import { dogleg } from './dogleg.ts';
import { valueAndJacobian } from './jacobian.ts';
import { linearSolve } from './linear-solve.ts';
import { assertOption } from './solve-options.ts';
import { acceptOrReject, firstTrustRegion, type TrustRegion } from './trust-region.ts';

/** Options of {@link newton}. */
export interface NewtonOptions {
  /**
   * Largest number of elements of an event. The cost of a step grows with the cube of the number of elements. Default
   * 64.
   */
  readonly maxDim?: number;
}

/** State of {@link newton}. */
export interface NewtonState extends Iterate, TrustRegion {
  /** Image of the iterate under the map: `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  /** The Jacobian `J_F(y)`, `[B, d, d]`. */
  readonly jacobian: Tensor;
}

/**
 * Newton's method on the exact Jacobian within a trust region. The full step is `y <- y - J_F(y)^-1 F(y)`. A sample
 * accepts this step if `|F|` stays below the largest value of `|F|` at the current iterate and at the iterates that were accepted last. Otherwise the
 * sample tries a shorter step, which turns towards the steepest descent of `|F|^2`. The method converges quadratically.
 * Newton's method is for low dimensions, because it needs the whole Jacobian.
 *
 * @remarks Needs a map with `linearize`. A step costs one linearization, `d` Jacobian-vector products in one stack, and
 * two eliminations, one of them with pivots. In each step, each sample tries one new point. A sample that rejects the
 * point stays at its iterate and tries a shorter step next, while other samples continue. On a contraction no step is
 * rejected, so the steps are equal to the steps of Newton's method without a trust region. On a map that is not a
 * contraction, the method may end at a local minimum of `|F|` that is not a root, with the status `max-steps`.
 * @throws `option` for a `maxDim` that is not a positive integer. `init` throws `unsupported` for a map without
 * `linearize`, and above `maxDim` elements.
 * @see Powell, A hybrid method for nonlinear equations, 1970; Grippo, Lampariello, Lucidi, A nonmonotone line search
 * technique for Newton's method, SIAM J. Numer. Anal. 23, 1986.
 */
export const newton = ({ maxDim = 64 }: NewtonOptions = {}): Solver<NewtonState> => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'newton', 'maxDim', 'a positive integer', maxDim);
  const evaluate = (f: TensorMap, value: Tensor): Omit<NewtonState, keyof TrustRegion> => {
    const { value: image, jacobian } = valueAndJacobian(f, value, { caller: 'newton', maxDim });
    return { value, image, jacobian, residual: sampleNorm(image) };
  };
  return Object.freeze<Solver<NewtonState>>({
    name: 'newton',
    problem: 'root',
    init: (f, y0) => ({ ...evaluate(f, y0.clone()), ...firstTrustRegion(y0.shape[0]!) }),
    step: (f, here) => {
      const newtonStep = neg(linearSolve(here.jacobian, here.image));
      const trial = dogleg(here, newtonStep, here.radius);
      const there = evaluate(f, add(here.value, trial.move));
      const { isAccepted, radius, past } = acceptOrReject(here, here.residual, there.residual, trial);
      return {
        value: select(isAccepted, there.value, here.value),
        residual: select(isAccepted, there.residual, here.residual),
        image: select(isAccepted, there.image, here.image),
        jacobian: select(isAccepted, there.jacobian, here.jacobian),
        radius,
        past,
      };
    },
  });
};
