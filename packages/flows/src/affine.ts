import { defineBijector, FlowError, type Bijector } from '@impflow/core';
import { add, div, fill, mul, sub, tensor1d } from '@tensorflow/tfjs-core';

/** Options of {@link standardize}. */
export interface StandardizeOptions {
  /** Mean of each feature: `d` finite numbers. */
  readonly mean: readonly number[];
  /** Standard deviation of each feature: `d` positive numbers. */
  readonly scale: readonly number[];
}

/**
 * The bijector `z = (x - mean) / scale`, `[B, d] -> [B, d]`, with the mean and the scale of the training rows. A flow
 * with this block returns densities in the units of the data.
 *
 * @throws `option` if `mean` and `scale` differ in length, a scale is not positive, or a number is not finite.
 */
export const standardize = ({ mean, scale }: StandardizeOptions): Bijector => {
  if (mean.length !== scale.length || scale.some((s) => !(s > 0) || !Number.isFinite(s))) {
    throw new FlowError('option', 'flows/standardize', 'Wrong scale', {
      expected: `${mean.length} positive numbers`,
      got: `[${scale.join(', ')}]`,
      hint: 'Leave constant columns out.',
    });
  }
  if (!mean.every(Number.isFinite)) {
    throw new FlowError('option', 'flows/standardize', 'Wrong mean', {
      expected: 'finite numbers',
      got: `[${mean.join(', ')}]`,
    });
  }
  const total = scale.reduce((sum, s) => sum + Math.log(s), 0);
  const centre = () => tensor1d([...mean]);
  const width = () => tensor1d([...scale]);
  return defineBijector({
    name: 'standardize',
    shape: [mean.length],
    forwardWithLogDet: (x) => ({ value: div(sub(x, centre()), width()), logDet: fill([x.shape[0]!], -total) }),
    inverseWithLogDet: (z) => ({ value: add(mul(z, width()), centre()), logDet: fill([z.shape[0]!], total) }),
  });
};
