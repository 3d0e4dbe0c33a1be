import { registry, type Registry } from '@impflow/core';
import { exact } from './exact.ts';

/** The estimators of this package by name, for the edges. */
export const logDetEstimators: Registry<{
  readonly exact: typeof exact;
}> = registry('log-det estimator', { exact });
