export { geometric, poisson, type Distribution, type GeometricOptions, type PoissonOptions } from './distributions.ts';
export { logDetEstimators } from './estimators.ts';
export { exact, type ExactOptions } from './exact.ts';
export { powerSeries, truncationBound, type PowerSeriesOptions } from './power-series.ts';
export { probing, type DrawProbes, type ProbeKind, type ProbeOptions } from './probes.ts';
export { rouletteCoefficients, russianRoulette, type RussianRouletteOptions } from './russian-roulette.ts';
export { seriesEstimate, type SeriesGradient } from './series.ts';
export { solved, type SolvedOptions } from './solved.ts';
