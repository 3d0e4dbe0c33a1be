import { FlowError, sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import {
  add,
  concat,
  div,
  fill,
  greater,
  lessEqual,
  max,
  maximum,
  minimum,
  mul,
  neg,
  onesLike,
  reshape,
  slice,
  square,
  sub,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { dogleg, type Step } from './dogleg.ts';
import { isDifferentiable } from './forms.ts';
import { assertOption } from './options.ts';
import { solved } from './pivoted.ts';
import { select } from './progress.ts';

/** Options of {@link newton}. */
export interface NewtonOptions {
  /** Largest number of elements of an event, because the cost grows with its cube. Default 64. */
  readonly maxDim?: number;
}

/** State of {@link newton}. */
export interface NewtonState extends Iterate {
  /** `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  /** `J_F(y)`, `[B, d, d]`. */
  readonly jacobian: Tensor;
  /**
   * The longest step that the model is trusted for, `[B, 1]`, as {@link dogleg} measures it. Infinite until a step is
   * rejected.
   */
  readonly radius: Tensor;
  /** The residuals of the accepted iterates before this one, newest first, `[B, MEMORY]`; 0 where there were fewer. */
  readonly past: Tensor;
}

/** Number of past residuals. A step is accepted if its residual is below the largest of them. */
const MEMORY = 10;
/**
 * Factor by which the first step may raise the residual. On steep contractions it rises before it falls, and full steps
 * are the fastest.
 */
const RISE = 10;

/**
 * Newton's method on the exact Jacobian within a trust region: `y <- y - J_F(y)^-1 F(y)` where that keeps `|F|` below
 * the largest of its last values, else a shorter step that bends to the steepest descent of `|F|^2`. Quadratic
 * convergence, for low dimension.
 *
 * @remarks Needs a map with `linearize`. Each step costs one linearization, `d` tangents pushed through it in one
 * stack, and two eliminations, one of them with pivots. A step is one trial: a sample that rejects it stays where it is
 * and tries a shorter one, while the samples beside it move on. Where no step is rejected, as on contractions, the
 * iterates are those of the plain method. Elsewhere it may end at a local minimum of `|F|` that is no root, with the
 * status `max-steps`.
 * @throws `unsupported` for a map without `linearize`, and above `maxDim`.
 * @see Powell, A hybrid method for nonlinear equations, 1970; Grippo, Lampariello, Lucidi, A nonmonotone line search
 * technique for Newton's method, SIAM J. Numer. Anal. 23, 1986.
 */
export const newton = ({ maxDim = 64 }: NewtonOptions = {}): Solver<NewtonState> => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'newton', 'maxDim', 'a positive integer', maxDim);
  const at = (f: TensorMap, value: Tensor): Omit<NewtonState, 'radius' | 'past'> => {
    const { image, jacobian } = linearized('newton', f, value, maxDim);
    return { value, image, jacobian, residual: sampleNorm(image) };
  };
  return Object.freeze<Solver<NewtonState>>({
    name: 'newton',
    problem: 'root',
    init: (f, y0) => {
      const batch = y0.shape[0]!;
      return { ...at(f, y0.clone()), radius: fill([batch, 1], Number.POSITIVE_INFINITY), past: zeros([batch, MEMORY]) };
    },
    step: (f, here) => {
      const step = dogleg(here, neg(solved(here.jacobian, here.image)), here.radius);
      const there = at(f, add(here.value, step.move));
      const { enough, radius } = judgement(here, there.residual, step);
      return {
        value: select(enough, there.value, here.value),
        residual: select(enough, there.residual, here.residual),
        image: select(enough, there.image, here.image),
        jacobian: select(enough, there.jacobian, here.jacobian),
        radius,
        past: select(
          enough,
          concat([reshape(here.residual, [-1, 1]), slice(here.past, [0, 0], [-1, MEMORY - 1])], 1),
          here.past,
        ),
      };
    },
  });
};

/** Whether each sample takes a step that led to `residual [B]`: `enough [B]`, bool; and the radius after it. */
const judgement = (
  { residual: before, radius, past }: NewtonState,
  residual: Tensor,
  { length, left }: Step,
): { readonly enough: Tensor; readonly radius: Tensor } => {
  const [now, share] = [reshape(before, [-1, 1]), reshape(div(residual, before), [-1, 1])];
  const rise = where(greater(slice(past, [0, 0], [-1, 1]), 0), onesLike(now), fill([now.shape[0]!, 1], RISE));
  const [most, foretold] = [mul(rise, div(maximum(max(past, 1, true), now), now)), sub(1, square(left))];
  // Comparisons with NaN are false: where F is not finite, the step is rejected.
  const enough = lessEqual(square(share), sub(square(most), mul(1e-4, foretold)));
  const good = lessEqual(square(share), sub(1, mul(0.75, foretold)));
  const longer = where(good, maximum(radius, mul(2, length)), radius);
  return { enough: reshape(enough, [-1]), radius: where(enough, longer, mul(0.25, minimum(length, radius))) };
};

/**
 * `F(y) [B, d]` and `J_F(y) [B, d, d]` at `y [B, d]`.
 *
 * @throws `unsupported` for a map without `linearize`, and above `maxDim`.
 */
export const linearized = (
  at: string,
  f: TensorMap,
  y: Tensor,
  maxDim: number,
): { readonly image: Tensor; readonly jacobian: Tensor } => {
  if (!isDifferentiable(f)) {
    throw new FlowError('unsupported', `solvers/${at}`, 'The map cannot tell its derivative', {
      expected: 'a map with linearize',
      got: 'a plain function',
      hint: 'Pass Object.assign(f, { linearize }), for example with linearizeByTape, or choose anderson or broyden.',
    });
  }
  assertDim(at, y.shape[1]!, maxDim);
  const linearization = f.linearize(y);
  try {
    return { image: reshape(linearization.value, y.shape), jacobian: linearization.jacobian().clone() };
  } finally {
    linearization.dispose();
  }
};

/** @throws `unsupported` above `maxDim`. */
export const assertDim = (at: string, dim: number, maxDim: number): void => {
  if (dim <= maxDim) return;
  throw new FlowError('unsupported', `solvers/${at}`, 'Too many dimensions for a full Jacobian', {
    expected: `at most ${maxDim}`,
    got: String(dim),
    hint: 'Choose a method without one (anderson, broyden, iterativeAdjoint), or raise maxDim.',
  });
};
