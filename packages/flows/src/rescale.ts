import { defineBijector, FlowError, sizeOf, type Bijector, type Shape } from '@impflow/core';
import { fill, mul } from '@tensorflow/tfjs-core';

export interface RescaleOptions {
  readonly shape: Shape;
  /** Positive: what becomes 1. */
  readonly scale: number;
}

/**
 * `z = x / scale`, `log |det| = -d log scale`. With a scale of 256 it takes grey levels with uniform noise, in `[0, 256)`, to the unit interval, so that the
 * flow's density is that of the grey levels and bits per dimension are `-log2 p / d`, nothing to be added.
 *
 * @throws `option` for a scale that is not positive.
 */
export const rescale = ({ shape, scale }: RescaleOptions): Bijector => {
  if (!(scale > 0 && scale < Infinity)) throw new FlowError('option', 'flows/rescale', 'Wrong scale', { expected: 'a positive number', got: String(scale) });
  const total = sizeOf(shape) * Math.log(scale);
  return defineBijector({
    name: 'rescale',
    shape,
    forwardWithLogDet: (x) => ({ value: mul(x, 1 / scale), logDet: fill([x.shape[0]!], -total) }),
    inverseWithLogDet: (z) => ({ value: mul(z, scale), logDet: fill([z.shape[0]!], total) }),
  });
};
