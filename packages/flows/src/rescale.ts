import { defineBijector, FlowError, sizeOf, shown, type Bijector, type Shape } from '@impflow/core';
import { fill, mul } from '@tensorflow/tfjs-core';

/** Options of {@link rescale}. */
export interface RescaleOptions {
  /** Shape of one event, without the batch axis. */
  readonly shape: Shape;
  /** The divisor, a positive and finite number. */
  readonly scale: number;
}

/**
 * The bijector `z = x / scale`, with `log |det| = -d log scale`.
 *
 * @remarks A scale of 256 maps gray levels with uniform noise, `[0, 256)`, to the unit interval. A flow with this block
 * returns the density of the gray levels, so `-log2 p / d` is the number of bits per dimension without further
 * correction.
 * @throws `option` for a scale that is not positive and finite.
 */
export const rescale = ({ shape, scale }: RescaleOptions): Bijector => {
  if (!(scale > 0 && scale < Infinity))
    throw new FlowError('option', 'flows/rescale', 'Wrong scale', { expected: 'a positive number', got: shown(scale) });
  const total = sizeOf(shape) * Math.log(scale);
  return defineBijector({
    name: 'rescale',
    shape,
    forwardWithLogDet: (x) => ({ value: mul(x, 1 / scale), logDet: fill([x.shape[0]!], -total) }),
    inverseWithLogDet: (z) => ({ value: mul(z, scale), logDet: fill([z.shape[0]!], total) }),
  });
};
