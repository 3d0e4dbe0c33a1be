import { registry, type LogDetEstimator, type Registry } from '@impflow/core';
import { exact } from './exact.ts';
import { powerSeries } from './power-series.ts';
import { russianRoulette } from './russian-roulette.ts';
import { solved } from './solved.ts';

/** The estimators of this package by name. The options of each estimator can be written in JSON. */
export const logDetEstimators: Registry<LogDetEstimator> = registry<LogDetEstimator>(
  'log-det estimator',
  { exact, series: powerSeries, roulette: russianRoulette, solved },
  ['estimate'],
);
