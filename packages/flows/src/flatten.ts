import { defineBijector, sizeOf, type Bijector, type Shape } from '@impflow/core';
import { reshape, zeros } from '@tensorflow/tfjs-core';

/**
 * Reshapes images to rows, `[B, h, w, c] -> [B, h w c]`. Use `flatten` before blocks with dense nets. The
 * log-determinant is zero.
 */
export const flatten = ({ shape }: { readonly shape: Shape }): Bijector => {
  const dim = sizeOf(shape);
  return defineBijector({
    name: 'flatten',
    shape,
    outputShape: [dim],
    forwardWithLogDet: (x) => ({ value: reshape(x, [x.shape[0]!, dim]), logDet: zeros([x.shape[0]!]) }),
    inverseWithLogDet: (z) => ({ value: reshape(z, [z.shape[0]!, ...shape]), logDet: zeros([z.shape[0]!]) }),
  });
};
