import { customOp } from '@impflow/core';
import { mul, relu, step, type Tensor } from '@tensorflow/tfjs-core';

/**
 * `max(x, 0)` on the tape.
 *
 * @remarks tfjs's own gradient casts the step to int32 and back, which costs far more than this product.
 */
export const rectify = (x: Tensor): Tensor =>
  customOp([x], {
    forward: () => {
      const value = relu(x);
      return { value, saved: { value } };
    },
    backward: (dy, { value }) => [mul(dy, step(value))],
  });
