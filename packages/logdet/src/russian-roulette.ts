import { FlowError, fold, nearest, scoped, type LogDetEstimator } from '@impflow/core';
import { geometric, poisson, type Distribution } from './distributions.ts';
import { assertCount, probing, type ProbeOptions } from './probes.ts';
import { assertGradient, seriesEstimate, type SeriesGradient } from './series.ts';

export interface RussianRouletteOptions extends ProbeOptions {
  /** Distribution of the number of random terms; by name where the options are JSON. Default `geometric`. */
  readonly distribution?: Distribution | 'geometric' | 'poisson';
  /** The `p` of `geometric` by name. */
  readonly p?: number;
  /** The `lambda` of `poisson` by name. */
  readonly lambda?: number;
  /** Terms that are always computed, before the random ones. Default 2, as published for training; evaluation there takes 20. */
  readonly exactTerms?: number;
  /** Default `neumann`. */
  readonly gradient?: SeriesGradient;
}

/**
 * The power series of `log det(I + J)`, cut at a random length and weighted so that value and gradient are right on average:
 * `n ~ N`, `n + exactTerms` terms, those beyond `exactTerms` divided by the chance `P(N >= k - exactTerms)` to be reached.
 *
 * @remarks One `n` per call, shared by the batch: rows are then alike in cost, and the samples of one call are correlated.
 * The variance is finite where `rho(J)^2` falls faster than the survival: `rho^2 < 1 - p` for `geometric`; the tail of `poisson`
 * is thinner than any power, so that very rare, very large weights are the price of its few terms. More `exactTerms` tame both.
 * @throws `option` for options out of range, or `p` and `lambda` where they do not apply.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735), theorem 1.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { fold, key, normal } from '@impflow/core';
 * import { mlp } from '@impflow/lipschitz';
 * import { russianRoulette } from '@impflow/logdet';
 *
 * await wasm().start();
 * const g = mlp({ dim: 20, hidden: [32], key: key(0) });
 * const at = g.linearize(normal(key(1), [4, 20]));
 * // Right on average: another key, another estimate.
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

/** `c_1 .. c_(exactTerms + n)` when the distribution drew `n`; a single zero where that is no term at all. */
export const rouletteCoefficients = (distribution: Distribution, exactTerms: number, n: number): readonly number[] =>
  exactTerms + n === 0 ? [0] : Array.from({ length: exactTerms + n }, (_, i) => (i < exactTerms ? 1 : 1 / distribution.survival(i + 1 - exactTerms)));

const AT = 'logdet/russianRoulette';

const distributionOf = ({ distribution = 'geometric', p, lambda }: RussianRouletteOptions): Distribution => {
  const refuse = (name: string, owner: string): void => {
    throw new FlowError('option', AT, `The option ${name} does not apply`, { expected: `it with distribution "${owner}"`, got: label(distribution), hint: `Leave ${name} out.` });
  };
  if (p !== undefined && distribution !== 'geometric') refuse('p', 'geometric');
  if (lambda !== undefined && distribution !== 'poisson') refuse('lambda', 'poisson');
  if (distribution === 'geometric') return geometric(p === undefined ? {} : { p });
  if (distribution === 'poisson') return poisson(lambda === undefined ? {} : { lambda });
  if (typeof distribution === 'object' && typeof distribution.survival === 'function') return distribution;
  const near = typeof distribution === 'string' ? nearest(distribution, NAMES) : undefined;
  throw new FlowError('option', AT, 'Unknown distribution', {
    expected: `a distribution or one of ${NAMES.join(', ')}`, got: label(distribution), ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  });
};

const NAMES = ['geometric', 'poisson'] as const;
const label = (distribution: unknown): string => (typeof distribution === 'string' ? `"${distribution}"` : `a value of type ${typeof distribution}`);
