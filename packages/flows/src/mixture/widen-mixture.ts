import { FlowError, scoped } from '@impflow/core';
import { add } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from '../base.ts';

/**
 * Multiplies the standard deviations of all components of a base density made by {@link mixtureBase}. Means and weights
 * do not change. A flow that is fitted to few rows is narrower than the distribution of new rows. A factor above 1,
 * chosen on held-out rows, corrects the width.
 *
 * @throws `option` if the base is not a mixture, or the factor is not positive.
 */
export const widenMixture = (base: BaseDistribution, factor: number): void => {
  const { logScale } = base.parameters;
  if (base.name !== 'mixture' || logScale === undefined || !(factor > 0 && factor < Infinity))
    throw new FlowError('option', 'flows/widenMixture', 'Wrong base density or factor', {
      expected: 'a mixture, and a factor above 0',
      got: `${base.name}, and ${factor}`,
    });
  scoped(() => logScale.assign(add(logScale, Math.log(factor))));
};
