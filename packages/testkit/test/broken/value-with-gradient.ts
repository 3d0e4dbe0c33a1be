import { customOp } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** One tensor's numbers with the gradient of another of the same shape. */
export const valueWithGradient = (value: Tensor, gradient: Tensor): Tensor =>
  customOp([gradient], { forward: () => ({ value: value.clone(), saved: {} }), backward: (u) => [u.clone()] });
