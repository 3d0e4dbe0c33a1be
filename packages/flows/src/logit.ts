import { defineBijector, FlowError, shown, type Bijector } from '@impflow/core';
import { add, log, mul, neg, sigmoid, softplus, sub, type Tensor } from '@tensorflow/tfjs-core';
import { eventShape, sumOverEvent, type EventOptions } from './event.ts';

/** Options of {@link logit}: `dim` or `shape` of the events, and `alpha`. */
export type LogitOptions = EventOptions & {
  /**
   * The `alpha` of `s = alpha + (1 - 2 alpha) x`, in `[0, 1/2)`. A positive `alpha` keeps the result finite at 0 and 1.
   * Default 1e-6.
   */
  readonly alpha?: number;
};

/**
 * The bijector `z = log s - log(1 - s)` with `s = alpha + (1 - 2 alpha) x`, from the unit cube to the whole space.
 *
 * @throws `option` for an `alpha` outside `[0, 1/2)`.
 */
export const logit = ({ alpha = 1e-6, ...options }: LogitOptions): Bijector => {
  if (!(alpha >= 0 && alpha < 0.5))
    throw new FlowError('option', 'flows/logit', 'Wrong alpha', {
      expected: 'a number in [0, 1/2)',
      got: shown(alpha),
    });
  const width = 1 - 2 * alpha;
  // log dz/dx = log(1 - 2 alpha) - log s - log(1 - s), and -log s(z) - log(1 - s(z)) = softplus(z) + softplus(-z).
  const slope = (z: Tensor): Tensor => sumOverEvent(add(add(softplus(z), softplus(neg(z))), Math.log(width)));
  return defineBijector({
    name: 'logit',
    shape: eventShape(options),
    forwardWithLogDet: (x) => {
      const s = add(mul(x, width), alpha);
      const z = sub(log(s), log(sub(1, s)));
      return { value: z, logDet: slope(z) };
    },
    inverseWithLogDet: (z) => ({ value: mul(sub(sigmoid(z), alpha), 1 / width), logDet: neg(slope(z)) }),
  });
};
