import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { add, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import { assertOption } from './solve-options.ts';

/** Options of {@link fixedPoint}. */
export interface FixedPointOptions {
  /** Step length in `(0, 1]`: `y <- (1 - damping) y + damping f(y)`. Default 1. */
  readonly damping?: number;
}

/** State of {@link fixedPoint}. */
export interface FixedPointState extends Iterate {
  /** Image of the iterate under the map: `f(y)`, `[B, d]`. */
  readonly image: Tensor;
}

/**
 * Fixed-point iteration, `y <- f(y)`. For a contraction, fixed-point iteration always converges, at the linear rate
 * `Lip(f)`.
 *
 * @remarks A step costs one evaluation. If `damping` is small enough, the iteration converges even for a map whose
 * slope is below -1.
 * @throws `option` for a `damping` outside `(0, 1]`.
 */
export const fixedPoint = ({ damping = 1 }: FixedPointOptions = {}): Solver<FixedPointState> => {
  assertOption(damping > 0 && damping <= 1, 'fixedPoint', 'damping', 'a number in (0, 1]', damping);
  return Object.freeze<Solver<FixedPointState>>({
    name: 'fixed-point',
    problem: 'fixed-point',
    init: (f, y0) => stateAt(f, y0.clone()),
    step: (f, { value, image }) => stateAt(f, damping === 1 ? image : add(value, mul(damping, sub(image, value)))),
  });
};

const stateAt = (f: TensorMap, value: Tensor): FixedPointState => {
  const image = f(value);
  return { value, image, residual: sampleNorm(sub(image, value)) };
};
