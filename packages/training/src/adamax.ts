import { abs, add, div, maximum, mul, sub } from '@tensorflow/tfjs-core';
import type { AdamOptions } from './adam.ts';
import { assertDecay, assertNonNegative, defineOptimizer, type Optimizer } from './optimizer.ts';

/**
 * Adam in the infinity norm: `m = b1 m + (1 - b1) g`, `u = max(b2 u, |g| + epsilon)`, `theta -= lr / (1 - b1^t) m / u`.
 *
 * @remarks `epsilon` is not in the paper. Without `epsilon`, the step of a parameter would be 0/0 as long as all its
 * gradients were zero.
 * @throws `option` for a `beta` outside `[0, 1)` or a negative `epsilon`.
 * @see Kingma, Ba, Adam, ICLR 2015 (arXiv:1412.6980), algorithm 2.
 */
export const adamax = ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer => {
  assertDecay('training/adamax', 'beta1', beta1);
  assertDecay('training/adamax', 'beta2', beta2);
  assertNonNegative('training/adamax', 'epsilon', epsilon);
  return defineOptimizer({
    name: 'adamax',
    slots: ['m', 'u'],
    constants: (t, learningRate) => ({ gain: 1 - beta1, beta2, epsilon, stepSize: learningRate / (1 - beta1 ** t) }),
    rule: ({ parameter, gradient, slots: [m0, u0] }, { gain, beta2, epsilon, stepSize }) => {
      const m = add(m0!, mul(gain, sub(gradient, m0!)));
      const u = maximum(mul(beta2, u0!), add(abs(gradient), epsilon));
      return { value: sub(parameter, mul(stepSize, div(m, u))), slots: [m, u] };
    },
  });
};
