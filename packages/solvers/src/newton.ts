import { reshape, squeeze, sub, type Tensor } from '@tensorflow/tfjs-core';
import { eliminate, FlowError, jacobianOf, sampleNorm, sizeOf, unitTangents, type Iterate, type Linearization, type Solver, type TensorMap } from '@impflow/core';
import { isDifferentiable } from './forms.ts';
import { assertOption } from './options.ts';
import { rows } from './rows.ts';

export interface NewtonOptions {
  /** Refuse events of more elements: the cost grows with their cube. Default 64. */
  readonly maxDim?: number;
}

export interface NewtonState extends Iterate {
  /** `F(y)` as rows, `[B, d]`. */
  readonly image: Tensor;
  /** `J_F(y)`, `[B, d, d]`. */
  readonly jacobian: Tensor;
}

/**
 * Newton's method on the exact Jacobian: `y <- y - J_F(y)^-1 F(y)`. Quadratic convergence, for low dimension.
 *
 * @remarks Needs a map with `linearize`. Each step costs one linearization, `d` tangents pushed through it in one stack, and
 * `d` sweeps of elimination without pivoting: safe where the symmetric part of `J_F` is positive definite, as for
 * `F(y) = y - f(y)` with `Lip(f) < 1`. For other maps a pivot may vanish; the sample is then reported as non-finite.
 * @throws `unsupported` for a map without `linearize`, and above `maxDim`.
 */
export const newton = ({ maxDim = 64 }: NewtonOptions = {}): Solver<NewtonState> => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'newton', 'maxDim', 'a positive integer', maxDim);
  const at = (f: TensorMap, value: Tensor): NewtonState => {
    if (!isDifferentiable(f)) {
      throw new FlowError('unsupported', 'solvers/newton', 'The map cannot tell its derivative', {
        expected: 'a map with linearize', got: 'a plain function', hint: 'Pass Object.assign(f, { linearize }), for example with linearizeByTape, or choose anderson or broyden.',
      });
    }
    const linearization = f.linearize(value, { jacobian: true });
    try {
      const image = rows(linearization.value).clone();
      return { value, image, jacobian: fullJacobian('newton', linearization, maxDim), residual: sampleNorm(image) };
    } finally {
      linearization.dispose();
    }
  };
  return Object.freeze<Solver<NewtonState>>({
    name: 'newton',
    problem: 'root',
    init: (f, y0) => at(f, y0.clone()),
    step: (f, { value, image, jacobian }) => {
      const update = squeeze(eliminate(jacobian, reshape(image, [...image.shape, 1])).solution, [2]);
      return at(f, sub(value, reshape(update, value.shape)));
    },
  });
};

/** The Jacobian `[B, d, d]` of a linearization. @throws `unsupported` above `maxDim`. */
export const fullJacobian = (at: string, { value, jacobian, jvp }: Linearization, maxDim: number): Tensor => {
  const [batch, ...event] = value.shape as [number, ...number[]];
  const dim = sizeOf(event);
  if (dim > maxDim) {
    throw new FlowError('unsupported', `solvers/${at}`, 'Too many dimensions for a full Jacobian', {
      expected: `at most ${maxDim}`, got: String(dim), hint: 'Choose a method without one (anderson, broyden, iterativeAdjoint), or raise maxDim.',
    });
  }
  if (jacobian !== undefined) return jacobian.clone();
  return jacobianOf(reshape(jvp(reshape(unitTangents(batch, dim), [dim, batch, ...event])), [dim, batch, dim]));
};
