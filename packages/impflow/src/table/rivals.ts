import { fitMixture, type MixtureFit } from '@impflow/flows';
import { coordinatesOfRecords } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { heldOut } from '../measure/held-out.ts';
import type { Rival } from '../report.ts';
import { mixtureDensities, mixtureOf, type TableMixture } from './mixture.ts';
import { isRegression, mixtureName } from './model-name.ts';
import type { Part } from './part.ts';

/** Rounding error of float32, in nats per row. Smaller differences of losses are not differences of densities. */
const ROUNDING = 1e-3;

/** Mixtures that are compared with the flow. */
interface RivalMixtures {
  /** The mixture of standardized columns. */
  readonly baseline: TableMixture;
  /** The mixture from which the flow started, if the training improved on it. */
  readonly start: TableMixture | undefined;
}

/**
 * Scores the test rows with simple densities for comparison with the flow: see `rivals` of `Report`. Each training row
 * counts in proportion to its weight.
 */
export const rivalsOf = (
  { baseline, start }: RivalMixtures,
  { train, validation, test }: Readonly<Record<'train' | 'validation' | 'test', Part>>,
  seed: number,
): readonly Rival[] => {
  const { spec, choice } = baseline;
  const regression = isRegression(spec);
  const key = runKey(seed, 'mixture');
  const figures = (own: TableMixture['spec'], fit: MixtureFit): Omit<Rival, 'name'> =>
    heldOut(mixtureDensities(own, fit, test.values, {}), test.weights);
  const gaussian = figures(
    spec,
    fitMixture(coordinatesOfRecords(spec, train.values).values, {
      dim: spec.flow.dim,
      components: 1,
      covariance: 'full',
      ridge: 1e-9,
      key,
      weights: train.weights,
    }),
  );
  const mixture = choice.mixture();
  const one =
    mixture.components === 1
      ? mixture
      : mixtureOf(spec, train, validation, { key, isSketch: true, components: [1] }).choice.mixture();
  const regularized = figures(spec, one);
  return [
    { name: regression ? 'linear regression + Gaussian' : 'full-covariance Gaussian', ...gaussian },
    ...(Math.abs(regularized.nats - gaussian.nats) > ROUNDING || mixture.components === 1
      ? [{ name: mixtureName(one, regression), ...regularized }]
      : []),
    ...(mixture.components === 1
      ? []
      : [{ name: `${mixtureName(mixture, regression)}, standardized columns`, ...figures(spec, mixture) }]),
    ...(start === undefined || start === baseline
      ? []
      : [
          {
            name: `before the training: ${mixtureName(start.choice.mixture(), regression)}`,
            ...figures(start.spec, start.choice.mixture()),
          },
        ]),
  ];
};
