import { fitMixture, type MixtureFit } from '@impflow/flows';
import { coordinatesOfRecords } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { heldOut } from '../measure/held-out.ts';
import { leadOf } from '../measure/paired-difference.ts';
import type { Rival } from '../report.ts';
import { mixtureDensities, mixtureOf, type TableMixture } from './mixture.ts';
import { isRegression, mixtureName } from './model-name.ts';
import type { Part } from './part.ts';

/** Rounding error of float32, in nats per row. Smaller differences of losses are not differences of densities. */
const ROUNDING = 1e-3;

/** Mixtures that are compared with the model. */
interface RivalMixtures {
  /** The mixture of standardized columns. */
  readonly baseline: TableMixture;
  /** The mixture from which the training started, or undefined if it started from none. */
  readonly start: TableMixture | undefined;
}

/** The model with which simple densities are compared. */
interface Compared {
  /** Log-densities of the test rows under the model. NaN means a failed solve. */
  readonly logDensities: ArrayLike<number>;
  /** Whether a step of the training lowered the validation loss. */
  readonly isImproved: boolean;
  readonly seed: number;
}

/**
 * Scores the test rows with simple densities for comparison with the flow: see `rivals` of `Report`. Each training row
 * counts in proportion to its weight.
 */
export const rivalsOf = (
  { baseline, start }: RivalMixtures,
  { train, validation, test }: Readonly<Record<'train' | 'validation' | 'test', Part>>,
  { logDensities, isImproved, seed }: Compared,
): readonly Rival[] => {
  const { spec, choice } = baseline;
  const regression = isRegression(spec);
  const key = runKey(seed, 'mixture');
  const solved = Uint32Array.from(test.weights.keys()).filter((row) => !Number.isNaN(logDensities[row]));
  const rival = (name: string, own: TableMixture['spec'], fit: MixtureFit, isStart = false): Rival => {
    const densities = mixtureDensities(own, fit, test.values, {});
    const [ownSolved, modelSolved, weights] = [densities, logDensities, test.weights].map((values) =>
      Float64Array.from(solved, (row) => values[row]!),
    ) as [Float64Array, Float64Array, Float64Array];
    return { name, ...heldOut(densities, test.weights), lead: leadOf(modelSolved, ownSolved, weights), isStart };
  };
  const gaussian = rival(
    regression ? 'linear regression + Gaussian' : 'full-covariance Gaussian',
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
  const mixtureRival = (own: TableMixture['spec'], fit: MixtureFit, isStart: boolean): Rival =>
    rival(mixtureName(own, fit), own, fit, isStart);
  const isBaseline = start === baseline;
  const regularized = mixtureRival(spec, one, isBaseline && one === mixture);
  return [
    gaussian,
    ...(Math.abs(regularized.nats - gaussian.nats) > ROUNDING || one === mixture ? [regularized] : []),
    ...(one === mixture ? [] : [mixtureRival(spec, mixture, isBaseline)]),
    // If the training did not improve the mixture from which it started, this mixture is the model.
    ...(start === undefined || isBaseline || !isImproved
      ? []
      : [mixtureRival(start.spec, start.choice.mixture(), true)]),
  ];
};
