export { geometric, poisson, type Distribution, type GeometricOptions, type PoissonOptions } from './distributions.ts';
export { logDetEstimators } from './estimators.ts';
export { exact, type ExactOptions } from './exact.ts';
export { gradientInForward } from './gradient-in-forward.ts';
export { powerSeries, truncationBound, type PowerSeriesOptions } from './power-series.ts';
export type { ProbeKind, ProbeOptions } from './probes.ts';
export { rouletteCoefficients, russianRoulette, type RussianRouletteOptions } from './russian-roulette.ts';
export { neumannSurrogate, seriesEstimate, type SeriesGradient } from './series.ts';
