import { scoped, type LogDetEstimator } from '@impflow/core';
import { assertCount, probing, type ProbeOptions } from './probes.ts';
import { assertGradient, seriesEstimate, type SeriesGradient } from './series.ts';

export interface PowerSeriesOptions extends ProbeOptions {
  /** Default 20. */
  readonly terms?: number;
  /** Default `neumann`. */
  readonly gradient?: SeriesGradient;
}

/**
 * `log det(I + J) = sum_k (-1)^(k+1) tr(J^k) / k`, cut off after `terms`: off by at most {@link truncationBound}.
 *
 * @see Behrmann, Grathwohl, Chen, Duvenaud, Jacobsen, Invertible Residual Networks, 2019 (arXiv:1811.00995), section 3.2.
 */
export const powerSeries = ({ terms = 20, gradient = 'neumann', probe, probes }: PowerSeriesOptions = {}): LogDetEstimator => {
  assertCount('logdet/powerSeries', 'terms', terms, 1);
  assertGradient('logdet/powerSeries', gradient);
  const draw = probing('logdet/powerSeries', { probe, probes });
  const coefficients = Array.from({ length: terms }, () => 1);
  return Object.freeze<LogDetEstimator>({
    name: 'series',
    bias: 'truncated',
    estimate: (g, key) => scoped(() => seriesEstimate(g, draw(g.value.shape, key), coefficients, gradient)),
  });
};

/** The most that the terms after the first `terms` can add: `d L^(n+1) / ((n + 1) (1 - L))`. */
export const truncationBound = (dim: number, lipschitz: number, terms: number): number =>
  (dim * lipschitz ** (terms + 1)) / ((terms + 1) * (1 - lipschitz));
