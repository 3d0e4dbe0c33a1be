import { FlowError, shown, type DifferentiableMap, type TensorMap } from '@impflow/core';
import { reshape, type Tensor } from '@tensorflow/tfjs-core';

/** Returns whether a map has the method `linearize`. */
export const hasLinearize = (f: TensorMap): f is DifferentiableMap =>
  'linearize' in f && typeof f.linearize === 'function';

/**
 * Returns `F(y) [B, d]` and `J_F(y) [B, d, d]` at `y [B, d]`. The returned tensors belong to the scope of the call.
 *
 * @throws `unsupported` for a map without `linearize`, and for more than `maxDim` elements.
 */
export const valueAndJacobian = (
  f: TensorMap,
  y: Tensor,
  { caller, maxDim }: { readonly caller: string; readonly maxDim: number },
): { readonly value: Tensor; readonly jacobian: Tensor } => {
  if (!hasLinearize(f)) {
    throw new FlowError('unsupported', `solvers/${caller}`, 'The map has no derivative', {
      expected: 'a map with linearize',
      got: 'a plain function',
      hint: 'Pass Object.assign(f, { linearize }), for example with linearizeByTape, or choose anderson or broyden.',
    });
  }
  assertDim(caller, y.shape[1]!, maxDim);
  const linearization = f.linearize(y);
  try {
    return { value: reshape(linearization.value, y.shape), jacobian: linearization.jacobian().clone() };
  } finally {
    linearization.dispose();
  }
};

/** @throws `unsupported` if the dimension is above `maxDim`. */
export const assertDim = (caller: string, dim: number, maxDim: number): void => {
  if (dim <= maxDim) return;
  throw new FlowError('unsupported', `solvers/${caller}`, 'Too many dimensions for a full Jacobian', {
    expected: `at most ${maxDim}`,
    got: shown(dim),
    hint: 'Choose a method without a Jacobian (anderson, broyden, iterativeAdjoint), or increase maxDim.',
  });
};
