import { FlowError } from '@impflow/core';
import { add, mul, sub } from '@tensorflow/tfjs-core';
import { assertDecay, defineOptimizer, type Optimizer } from './optimizer.ts';

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Weight of the previous update direction, in `[0, 1)`. Default 0. */
  readonly momentum?: number;
  /** Whether to use Nesterov momentum, which needs a positive `momentum`. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent with optional momentum: `b = momentum b + g`, `theta -= lr b`; with Nesterov momentum
 * `theta -= lr (g + momentum b)`.
 *
 * @throws `option` for a momentum outside `[0, 1)`, or `nesterov` without momentum.
 * @see Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum in deep learning, ICML 2013.
 */
export const sgd = ({ momentum = 0, nesterov = false }: SgdOptions = {}): Optimizer => {
  assertDecay('training/sgd', 'momentum', momentum);
  if (nesterov && momentum === 0)
    throw new FlowError('option', 'training/sgd', 'nesterov needs a momentum', {
      expected: 'a momentum in (0, 1)',
      got: '0',
    });
  return defineOptimizer({
    name: 'sgd',
    slots: momentum === 0 ? [] : ['b'],
    constants: (_t, learningRate) => ({ momentum, stepSize: learningRate }),
    rule: ({ parameter, gradient, slots: [b0] }, { momentum, stepSize }) => {
      if (b0 === undefined) return { value: sub(parameter, mul(stepSize, gradient)), slots: [] };
      const b = add(mul(momentum, b0), gradient);
      return { value: sub(parameter, mul(stepSize, nesterov ? add(gradient, mul(momentum, b)) : b)), slots: [b] };
    },
  });
};
