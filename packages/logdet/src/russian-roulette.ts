import { FlowError, fold, nearest, scoped, type LogDetEstimator } from '@impflow/core';
import { geometric, poisson, type Distribution } from './distributions.ts';
import { assertCount, probing, type ProbeOptions } from './probes.ts';
import { assertGradient, seriesEstimate, type SeriesGradient } from './series.ts';

/** Options of {@link russianRoulette}. */
export interface RussianRouletteOptions extends ProbeOptions {
  /**
   * Distribution of the number of random terms. Options in JSON give the name of the distribution. Default `geometric`.
   */
  readonly distribution?: Distribution | 'geometric' | 'poisson';
  /** `p` of `geometric`, if `distribution` is `'geometric'`. Default 0.5. */
  readonly p?: number;
  /** `lambda` of `poisson`, if `distribution` is `'poisson'`. Default 2. */
  readonly lambda?: number;
  /**
   * Number of terms at the start of the series that are always computed. Default 2, as in the paper for training; in
   * evaluation the paper uses 20.
   */
  readonly exactTerms?: number;
  /** Method for the gradient. Default `neumann`. */
  readonly gradient?: SeriesGradient;
}

/**
 * The power series of `log det(I + J)`, truncated at a random length and weighted so that value and gradient are
 * unbiased. The estimator draws `n` from the distribution of `N` and computes `exactTerms + n` terms. A term
 * `k > exactTerms` is divided by `P(N >= k - exactTerms)`, the probability that the term is computed.
 *
 * @remarks Each call draws one `n` for all rows of the batch. Therefore all rows have equal costs, and the estimates of
 * one call are correlated. The variance is finite if the powers of `rho(J)^2`, with the spectral radius `rho(J)`, fall
 * faster than the survival probability. For `geometric` this condition is `rho(J)^2 < 1 - p`. The tail of `poisson`
 * falls faster than any power. Therefore `poisson` draws few terms, and very rarely a term with a very large weight. A
 * larger `exactTerms` makes these large weights smaller.
 * @throws `option` for options out of range, or for `p` or `lambda` with a distribution that does not have this
 * parameter.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735),
 * theorem 1.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { fold, key, drawNormal } from '@impflow/core';
 * import { mlp } from '@impflow/lipschitz';
 * import { russianRoulette } from '@impflow/logdet';
 *
 * await wasm().start();
 * const g = mlp({ dim: 20, hidden: [32], key: key(0) });
 * const at = g.linearize(drawNormal(key(1), [4, 20]));
 * // Unbiased: each key gives another estimate.
 * for (const i of [0, 1]) russianRoulette({ exactTerms: 4 }).estimate(at, fold(key(2), i)).logDet.print();
 * at.dispose();
 * ```
 */
export const russianRoulette = (options: RussianRouletteOptions = {}): LogDetEstimator => {
  const { exactTerms = 2, gradient = 'neumann', probe, probes } = options;
  const distribution = distributionOf(options);
  assertCount(AT, 'exactTerms', exactTerms, 0);
  assertGradient(AT, gradient);
  const draw = probing(AT, { probe, probes });
  return Object.freeze<LogDetEstimator>({
    name: 'roulette',
    bias: 'unbiased',
    estimate: (g, key) => {
      const coefficients = rouletteCoefficients(distribution, exactTerms, distribution.sample(fold(key, 0)));
      return scoped(() => seriesEstimate(g, draw(g.value.shape, fold(key, 1)), coefficients, gradient));
    },
  });
};

/**
 * Returns the weights `c_1 .. c_(exactTerms + n)` of the terms for a draw `n`, or one zero if `exactTerms + n = 0`.
 */
export const rouletteCoefficients = (distribution: Distribution, exactTerms: number, n: number): readonly number[] =>
  exactTerms + n === 0
    ? [0]
    : Array.from({ length: exactTerms + n }, (_, i) =>
        i < exactTerms ? 1 : 1 / distribution.survival(i + 1 - exactTerms),
      );

const AT = 'logdet/russianRoulette';

const distributionOf = ({ distribution = 'geometric', p, lambda }: RussianRouletteOptions): Distribution => {
  const refuse = (name: string, owner: string): void => {
    throw new FlowError('option', AT, `The option ${name} does not apply`, {
      expected: `distribution "${owner}"`,
      got: label(distribution),
      hint: `Leave ${name} out.`,
    });
  };
  if (p !== undefined && distribution !== 'geometric') refuse('p', 'geometric');
  if (lambda !== undefined && distribution !== 'poisson') refuse('lambda', 'poisson');
  if (distribution === 'geometric') return geometric(p === undefined ? {} : { p });
  if (distribution === 'poisson') return poisson(lambda === undefined ? {} : { lambda });
  if (typeof distribution === 'object' && typeof distribution.survival === 'function') return distribution;
  const near = typeof distribution === 'string' ? nearest(distribution, NAMES) : undefined;
  throw new FlowError('option', AT, 'Unknown distribution', {
    expected: `a distribution or one of ${NAMES.join(', ')}`,
    got: label(distribution),
    ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  });
};

const NAMES = ['geometric', 'poisson'] as const;
const label = (distribution: unknown): string =>
  typeof distribution === 'string' ? `"${distribution}"` : `a value of type ${typeof distribution}`;
