import type { MixtureModel } from '@impflow/flows';
import type { Space } from './space.ts';

/** A Gaussian mixture of points, and probabilities of the combinations of categories, independent of the points. */
export interface Part {
  /** The mixture. Its covariances are full. */
  readonly mixture: MixtureModel;
  /** Probability of each combination, `[cases]`. The sum is 1. */
  readonly cases: Float64Array;
}

/**
 * A distribution from which pairs of a combination and a point are drawn: the model itself with the probability `own`,
 * otherwise one of the parts. The share of the model bounds the importance weights by `1 / own` (a defensive mixture).
 *
 * @see Hesterberg, Weighted Average Importance Sampling and Defensive Mixture Distributions, 1995.
 */
export interface Proposal {
  readonly own: number;
  /** The parts, with their probabilities. The sum of `own` and all shares is 1. */
  readonly parts: readonly (Part & { readonly share: number })[];
}

/** Share of the broad density of a flow. */
const BROAD = 0.2;

/**
 * Joins the model and adapted parts to a proposal. A broad density that the flow mixes into its base (`Tail` of
 * `@impflow/flows`) becomes a part of its own: a fitted table has one with a weight of 1e-5, which dominates the
 * probabilities of rarer events, and its rows have all combinations of categories. Without parts, returns the model.
 *
 * @param own Share of the model.
 */
export const proposalOf = (space: Space, own: number, parts: readonly Part[]): Proposal => {
  if (parts.length === 0) return { own: 1, parts: [] };
  const broad = broadOf(space);
  const rest = 1 - own - (broad === undefined ? 0 : BROAD);
  return {
    own,
    parts: [
      ...parts.map((part) => ({ ...part, share: rest / parts.length })),
      ...(broad === undefined ? [] : [{ ...broad, share: BROAD }]),
    ],
  };
};

const broadOf = ({ model: { spec, layout }, cases: { probabilities } }: Space): Part | undefined => {
  const { tail } = spec.flow;
  if (tail === undefined) return undefined;
  const dim = layout.numbers.length;
  const total = probabilities.reduce((sum, each) => sum + each, 0);
  return {
    mixture: {
      dim,
      components: 1,
      covariance: 'full',
      weights: Float64Array.of(1),
      means: new Float64Array(dim),
      factors: Float64Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 / tail.scale : 0)),
    },
    cases: probabilities.map((each) => each / total),
  };
};
