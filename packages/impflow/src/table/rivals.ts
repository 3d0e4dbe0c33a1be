import { fitMixture, type MixtureFit } from '@impflow/flows';
import { coordinatesOfRecords } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { heldOut } from '../measure/held-out.ts';
import type { Rival } from '../report.ts';
import { mixtureDensities, mixtureText, type TableMixture } from './mixture.ts';
import type { Part } from './part.ts';

/**
 * Scores the test rows with simple densities for comparison with the flow: a Gaussian and a Gaussian mixture, or linear
 * regressions if the table has conditions or categories. Each training row counts in proportion to its weight.
 */
export const rivalsOf = ({ spec, choice }: TableMixture, train: Part, test: Part, seed: number): readonly Rival[] => {
  const gaussian = fitMixture(coordinatesOfRecords(spec, train.values).values, {
    dim: spec.flow.dim,
    components: 1,
    covariance: 'full',
    ridge: 1e-9,
    key: runKey(seed, 'mixture'),
    weights: train.weights,
  });
  const mixture = choice.mixture();
  const sees = (spec.flow.context ?? 0) > 0;
  const figures = (fit: MixtureFit): Omit<Rival, 'name'> =>
    heldOut(mixtureDensities(spec, fit, test.values, {}), test.weights);
  return [
    { name: sees ? 'linear regression, normal residuals' : 'full-covariance Gaussian', ...figures(gaussian) },
    {
      name: sees
        ? `linear regression, residuals of a Gaussian mixture: ${mixtureText(mixture)}`
        : `Gaussian mixture, ${mixtureText(mixture)}, chosen by ${choice.by === 'folds' ? 'cross-validation' : 'validation'}`,
      ...figures(mixture),
    },
  ];
};
