import type { MixtureModel } from '@impflow/flows';
import { baseMixtureOf, joinedMixtures, unitFactors } from './full-mixtures.ts';
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

/** Share of the parts of {@link widerParts} in a proposal. */
const WIDER = 0.3;

/**
 * Joins the model, adapted parts and wider parts to a proposal. Without adapted parts, returns the model.
 *
 * @param own Share of the model.
 */
export const proposalOf = (space: Space, own: number, parts: readonly Part[]): Proposal => {
  if (parts.length === 0) return { own: 1, parts: [] };
  const wider = widerParts(space);
  const rest = 1 - own - (wider.length === 0 ? 0 : WIDER);
  return {
    own,
    parts: [
      ...parts.map((part) => ({ ...part, share: rest / parts.length })),
      ...wider.map((part) => ({ ...part, share: WIDER / wider.length })),
    ],
  };
};

/**
 * Returns parts that cover regions which an adaptation may lose, because it first meets the regions that are nearest to
 * the event. One part is the base density with wider components: each component of a mixture may reach the event. The
 * other is the broad density that a flow mixes into its base (`Tail` of `@impflow/flows`): a fitted table has one with a
 * weight of 1e-5, which dominates the probabilities of rarer events. Both have the combinations of categories of the
 * model.
 */
const widerParts = ({ model: { spec, layout, flow }, cases: { probabilities } }: Space): readonly Part[] => {
  const { tail } = spec.flow;
  const dim = layout.numbers.length;
  const total = probabilities.reduce((sum, each) => sum + each, 0);
  const cases = probabilities.map((each) => each / total);
  const base = baseMixtureOf(flow.base);
  const broad: MixtureModel = {
    dim,
    components: 1,
    covariance: 'full',
    weights: Float64Array.of(1),
    means: new Float64Array(dim),
    factors: unitFactors(dim),
  };
  // With more columns, the same factor would make the weights of the draws more different.
  const factor = 1 + 2 / Math.sqrt(dim);
  return [
    ...(base === undefined ? [] : [{ mixture: joinedMixtures([{ mixture: base, share: 1, factor }]), cases }]),
    ...(tail === undefined
      ? []
      : [{ mixture: joinedMixtures([{ mixture: broad, share: 1, factor: tail.scale }]), cases }]),
  ];
};
