import { defineBijector, scoped, sizeOf, type Bijector } from '@impflow/core';
import {
  add,
  fill,
  exp,
  less,
  log,
  maximum,
  mean,
  mul,
  neg,
  square,
  sub,
  sum,
  variable,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { eventShape, type EventOptions } from './event.ts';

/** Options of {@link actNorm}: `dim` for rows `[B, dim]`, or `shape` for events whose last axis holds the features. */
export type ActNormOptions = EventOptions;

/** Variance below which a feature counts as constant in the first batch. */
const FLOOR = 1e-6;

/**
 * The bijector `z = (x + bias) exp(weight)`, per feature, or per channel of an image. {@link Bijector.initialize} sets
 * both parameters so that the first batch has mean 0 and variance 1.
 *
 * @remarks A feature that is constant in the first batch is centered and keeps its scale. The batch does not determine
 * the scale of this feature, and a large factor would move the feature of later rows far from zero.
 * @see Kingma, Dhariwal, Glow, 2018 (arXiv:1807.03039), section 3.1.
 */
export const actNorm = (options: ActNormOptions): Bijector => {
  const shape = eventShape(options);
  const dim = shape.at(-1)!;
  /** Number of entries per feature in one event: 1 for rows, the number of pixels for images. */
  const places = sizeOf(shape) / dim;
  const weight = scoped(() => variable(zeros([dim])));
  const bias = scoped(() => variable(zeros([dim])));
  const logDet = (x: Tensor): Tensor => mul(sum(weight), fill([x.shape[0]!], places));
  return defineBijector({
    name: 'actNorm',
    shape,
    parameters: { weight, bias },
    forwardWithLogDet: (x) => ({ value: mul(add(x, bias), exp(weight)), logDet: logDet(x) }),
    inverseWithLogDet: (z) => ({ value: sub(mul(z, exp(neg(weight))), bias), logDet: neg(logDet(z)) }),
    initialize: (x) =>
      scoped(() => {
        const axes = shape.map((_, axis) => axis);
        const centre = mean(x, axes);
        const rows = x.shape[0]! * places;
        const variance = mul(mean(square(sub(x, centre)), axes), rows / Math.max(1, rows - 1));
        bias.assign(neg(centre) as typeof bias);
        weight.assign(
          where(less(variance, FLOOR), zeros([dim]), mul(-0.5, log(maximum(variance, FLOOR)))) as typeof weight,
        );
      }),
  });
};
