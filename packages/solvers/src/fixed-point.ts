import { add, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { assertOption } from './options.ts';

export interface FixedPointOptions {
  /** Step length in `(0, 1]`: `y <- (1 - damping) y + damping f(y)`. Default 1. */
  readonly damping?: number;
}

export interface FixedPointState extends Iterate {
  /** `f(value)`. */
  readonly image: Tensor;
}

/**
 * Fixed-point iteration. Converges at rate `Lip(f)` for a contraction, always.
 *
 * @remarks One evaluation per step. Damping below one also settles maps whose slope is below -1.
 */
export const fixedPoint = ({ damping = 1 }: FixedPointOptions = {}): Solver<FixedPointState> => {
  assertOption(damping > 0 && damping <= 1, 'fixedPoint', 'damping', 'a number in (0, 1]', damping);
  return Object.freeze<Solver<FixedPointState>>({
    name: 'fixed-point',
    problem: 'fixed-point',
    init: (f, y0) => at(f, y0.clone()),
    step: (f, { value, image }) => at(f, damping === 1 ? image : add(value, mul(damping, sub(image, value)))),
  });
};

const at = (f: TensorMap, value: Tensor): FixedPointState => {
  const image = f(value);
  return { value, image, residual: sampleNorm(sub(image, value)) };
};
