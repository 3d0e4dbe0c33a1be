import { defineBijector, scoped, type Bijector } from '@impflow/core';
import { add, broadcastTo, exp, log, maximum, mean, mul, neg, square, sub, sum, variable, zeros, type Tensor } from '@tensorflow/tfjs-core';

export interface ActNormOptions {
  readonly dim: number;
}

/** Variance below which the first batch does not scale a feature up: `(0, inf)`. */
const FLOOR = 1e-6;

/**
 * `z = (x + bias) exp(weight)` per feature. {@link Bijector.initialize} sets both so that the first batch has mean 0 and variance 1.
 *
 * @see Kingma, Dhariwal, Glow, 2018 (arXiv:1807.03039), section 3.1.
 */
export const actNorm = ({ dim }: ActNormOptions): Bijector => {
  const weight = variable(zeros([dim]));
  const bias = variable(zeros([dim]));
  const logDet = (x: Tensor): Tensor => broadcastTo(sum(weight), [x.shape[0]!]);
  return defineBijector({
    name: 'actNorm',
    shape: [dim],
    parameters: { weight, bias },
    forwardWithLogDet: (x) => ({ value: mul(add(x, bias), exp(weight)), logDet: logDet(x) }),
    inverseWithLogDet: (z) => ({ value: sub(mul(z, exp(neg(weight))), bias), logDet: neg(logDet(z)) }),
    initialize: (x) => scoped(() => {
      const centre = mean(x, 0);
      const rows = x.shape[0]!;
      const variance = mul(mean(square(sub(x, centre)), 0), rows / Math.max(1, rows - 1));
      bias.assign(neg(centre) as typeof bias);
      weight.assign(mul(-0.5, log(maximum(variance, FLOOR))) as typeof weight);
    }),
  });
};
