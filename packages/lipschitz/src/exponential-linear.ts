import { FlowError, shown } from '@impflow/core';
import { add, exp, mul, sub } from '@tensorflow/tfjs-core';
import { elementwise, fusedActivation } from './elementwise.ts';
import type { Layer } from './layer.ts';
import { isPositive, negativePart, positivePart } from './rectifiers.ts';

/** Options of {@link eluActivation} and {@link celu}. */
export interface ExponentialLinearOptions {
  /** The positive parameter `alpha`. The limit of the activation at minus infinity is `-alpha`. Default 1. */
  readonly alpha?: number;
}

/**
 * The activation `a` for `a > 0`, otherwise `alpha (e^a - 1)`. The Lipschitz constant of the activation is
 * `max(1, alpha)`. The slope jumps at 0 unless `alpha` is 1. The second derivative always jumps at 0.
 *
 * @throws `option` unless `alpha` is positive.
 * @see Clevert, Unterthiner, Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units, 2015
 * (arXiv:1511.07289).
 */
export const eluActivation = ({ alpha = 1 }: ExponentialLinearOptions = {}): Layer => {
  assertAlpha('eluActivation', alpha);
  return elementwise({
    name: 'elu',
    part: { activation: 'elu', alpha },
    lipschitz: Math.max(1, alpha),
    monotone: alpha <= 1,
    evaluate: (a) => {
      const [value, slope] = fusedActivation.run({ a }, { activation: 'elu', alpha }, () => {
        const e = exp(negativePart(a)); // 1 where a > 0
        return [
          add(positivePart(a), mul(sub(e, 1), alpha)),
          alpha === 1 ? e : add(mul(e, alpha), mul(isPositive(a), 1 - alpha)),
        ];
      });
      return { value, slope, a };
    },
    curvature: ({ a, slope }) => sub(slope, isPositive(a)), // the slope is 1 where a > 0, and alpha e^a elsewhere
  });
};

/**
 * The activation `a` for `a > 0`, otherwise `alpha (e^(a / alpha) - 1)`. The activation is 1-Lipschitz with a
 * continuous slope for every `alpha`.
 *
 * @throws `option` unless `alpha` is positive.
 * @see Barron, Continuously Differentiable Exponential Linear Units, 2017 (arXiv:1704.07483).
 */
export const celu = ({ alpha = 1 }: ExponentialLinearOptions = {}): Layer => {
  assertAlpha('celu', alpha);
  return elementwise({
    name: 'celu',
    part: { activation: 'celu', alpha },
    lipschitz: 1,
    monotone: true,
    evaluate: (a) => {
      const [value, slope] = fusedActivation.run({ a }, { activation: 'celu', alpha }, () => {
        const e = exp(mul(negativePart(a), 1 / alpha));
        return [add(positivePart(a), mul(sub(e, 1), alpha)), e];
      });
      return { value, slope, a };
    },
    curvature: ({ a, slope }) => ({ scale: 1 / alpha, factor: sub(slope, isPositive(a)) }),
  });
};

const assertAlpha = (name: string, alpha: number): void => {
  if (!(typeof alpha === 'number' && alpha > 0))
    throw new FlowError('option', `lipschitz/${name}`, 'Wrong alpha', {
      expected: 'a positive number',
      got: shown(alpha),
    });
};
