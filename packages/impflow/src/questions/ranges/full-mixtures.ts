import type { MixtureModel } from '@impflow/flows';
import type { RecordFlow } from '@impflow/tables';

/** A mixture, with its share and its width in {@link joinedMixtures}. */
interface SharedMixture {
  readonly mixture: MixtureModel;
  readonly share: number;
  /** Factor of the standard deviations. */
  readonly factor: number;
}

/** Joins mixtures with full covariances. */
export const joinedMixtures = (parts: readonly SharedMixture[]): MixtureModel => {
  const joined = (of: (part: SharedMixture) => Float64Array): Float64Array =>
    Float64Array.from(parts.flatMap((part) => Array.from(of(part))));
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  return {
    dim: parts[0]!.mixture.dim,
    covariance: 'full',
    components: parts.reduce((sum, { mixture }) => sum + mixture.components, 0),
    weights: joined(({ mixture, share }) => mixture.weights.map((weight) => (share * weight) / total)),
    means: joined(({ mixture }) => mixture.means),
    factors: joined(({ mixture, factor }) => mixture.factors.map((each) => each / factor)),
  };
};

/**
 * Returns the base density of a flow as a mixture with full covariances, if it is a normal density or a mixture of
 * normal densities. Returns undefined for other base densities. A broad density of the flow is left out.
 */
export const baseMixtureOf = ({ name, dim, parameters }: RecordFlow['flow']['base']): MixtureModel | undefined => {
  const read = (variable: string): Float64Array | undefined => {
    const found = parameters[variable];
    return found === undefined ? undefined : Float64Array.from(found.dataSync());
  };
  const [means, logScales, logits] = [read('centre'), read('logScale'), read('logits')];
  const common = { dim, covariance: 'full' } as const;
  if (name === 'normal')
    return {
      ...common,
      components: 1,
      weights: Float64Array.of(1),
      means: new Float64Array(dim),
      factors: unitFactors(dim),
    };
  if (name !== 'mixture' || means === undefined || logScales === undefined || logits === undefined) return undefined;
  const lower = read('lower');
  const components = logits.length;
  const most = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - most));
  const total = weights.reduce((sum, each) => sum + each, 0);
  const factors = new Float64Array(components * dim * dim);
  for (let k = 0; k < components; k++) {
    // A tied covariance has one scale and one triangle for all components.
    const own = logScales.length === dim ? 0 : k;
    for (let i = 0; i < dim; i++)
      for (let j = 0; j <= i; j++) {
        const entry = i === j ? 1 : (lower?.[(own * dim + i) * dim + j] ?? 0);
        factors[(k * dim + i) * dim + j] = entry * Math.exp(-logScales[own * dim + j]!);
      }
  }
  return { ...common, components, weights: weights.map((each) => each / total), means, factors };
};

/** Returns the identity matrix `[d, d]`: the factor of a standard normal density. */
export const unitFactors = (dim: number): Float64Array =>
  Float64Array.from({ length: dim * dim }, (_, i) => Number(i % (dim + 1) === 0));
