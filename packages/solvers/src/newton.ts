import { expandDims, reshape, squeeze, sub, type Tensor } from '@tensorflow/tfjs-core';
import { eliminate, FlowError, sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { isDifferentiable } from './forms.ts';
import { assertOption } from './options.ts';

export interface NewtonOptions {
  /** Refuse events of more elements: the cost grows with their cube. Default 64. */
  readonly maxDim?: number;
}

export interface NewtonState extends Iterate {
  /** `F(y)`, `[B, d]`. */
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
    const { image, jacobian } = linearized('newton', f, value, maxDim);
    return { value, image, jacobian, residual: sampleNorm(image) };
  };
  return Object.freeze<Solver<NewtonState>>({
    name: 'newton',
    problem: 'root',
    init: (f, y0) => at(f, y0.clone()),
    step: (f, { value, image, jacobian }) => {
      return at(f, sub(value, squeeze(eliminate(jacobian, expandDims(image, 2)).solution, [2])));
    },
  });
};

/** `F(y) [B, d]` and `J_F(y) [B, d, d]` at `y [B, d]`. @throws `unsupported` for a map without `linearize`, and above `maxDim`. */
export const linearized = (at: string, f: TensorMap, y: Tensor, maxDim: number): { readonly image: Tensor; readonly jacobian: Tensor } => {
  if (!isDifferentiable(f)) {
    throw new FlowError('unsupported', `solvers/${at}`, 'The map cannot tell its derivative', {
      expected: 'a map with linearize', got: 'a plain function', hint: 'Pass Object.assign(f, { linearize }), for example with linearizeByTape, or choose anderson or broyden.',
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
    expected: `at most ${maxDim}`, got: String(dim), hint: 'Choose a method without one (anderson, broyden, iterativeAdjoint), or raise maxDim.',
  });
};
