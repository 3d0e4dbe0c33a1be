import { scoped, type LogDetEstimator } from '@impflow/core';
import { assertCount, probing, type ProbeOptions } from './probes.ts';
import { assertGradient, seriesEstimate, type SeriesGradient } from './series.ts';

/** Options of {@link powerSeries}. */
export interface PowerSeriesOptions extends ProbeOptions {
  /** Number of terms, at least 1. Default 20. */
  readonly terms?: number;
  /** Method for the gradient. Default `neumann`. */
  readonly gradient?: SeriesGradient;
}

/**
 * Computes `log det(I + J) = sum_k (-1)^(k+1) tr(J^k) / k`, truncated after `terms` terms. The truncation error is at
 * most {@link truncationBound}.
 *
 * @throws `option` for options out of range.
 * @see Behrmann, Grathwohl, Chen, Duvenaud, Jacobsen, Invertible Residual Networks, 2019 (arXiv:1811.00995), section
 * 3.2.
 */
export const powerSeries = ({
  terms = 20,
  gradient = 'neumann',
  probe,
  probes,
}: PowerSeriesOptions = {}): LogDetEstimator => {
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

/**
 * Returns an upper bound, in nats, of the truncation error of the series after `n = terms` terms:
 * `d L^(n+1) / ((n + 1) (1 - L))`, with `L` the Lipschitz constant.
 */
export const truncationBound = (dim: number, lipschitz: number, terms: number): number =>
  (dim * lipschitz ** (terms + 1)) / ((terms + 1) * (1 - lipschitz));
