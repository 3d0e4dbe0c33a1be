import { customOp } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Returns the numbers of `value` with the gradient of `gradient`, which has the same shape. */
export const valueWithGradient = (value: Tensor, gradient: Tensor): Tensor =>
  customOp([gradient], { forward: () => ({ value: value.clone(), saved: {} }), backward: (u) => [u.clone()] });
