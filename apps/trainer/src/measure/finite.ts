import { FlowError } from '@impflow/core';
import { number } from '../terminal/table.ts';

export interface FiniteOptions {
  /** The values, in the plural, as `Log-densities`. */
  readonly what: string;
  /** Numbers of a row. Default 1. */
  readonly each?: number;
  /** What to do. */
  readonly hint: string;
}

/** The values themselves. @throws `convergence` where some are not finite: no figure that comes of them would mean anything. */
export const finite = <Values extends ArrayLike<number>>(values: Values, { what, each = 1, hint }: FiniteOptions): Values => {
  const failed = new Set<number>();
  let first: number | undefined;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    failed.add(Math.floor(i / each));
    first ??= values[i];
  }
  if (failed.size === 0) return values;
  throw new FlowError('convergence', 'cli', `${what} are not finite in ${number(failed.size)} of ${number(values.length / each)} rows`, { expected: 'finite numbers', got: number(first), hint });
};

const DIVERGED = 'Look for extreme values in these rows; else the training has diverged: lower --lr, or take an earlier checkpoint.';

/** Log-densities that figures come from. @throws as {@link finite}. */
export const finiteDensities = (values: Float32Array): Float32Array => finite(values, { what: 'Log-densities', hint: DIVERGED });

/** Logits `[images, classes]` that figures come from. @throws as {@link finite}. */
export const finiteLogits = (values: Float32Array, classes: number): Float32Array => finite(values, { what: 'Logits', each: classes, hint: DIVERGED });

/** What maps there and back differ by. @throws as {@link finite}. */
export const finiteErrors = (values: readonly number[]): void => {
  if (!values.every(Number.isFinite)) throw new FlowError('convergence', 'cli', 'The inverse of the flow is not finite', { expected: 'numbers near the rows that went in', got: values.map((value) => number(value)).join(', '), hint: DIVERGED });
};

/** Marks rows without a log-density as not converged. @throws as {@link finite} where no row has one. */
export const markNaN = (densities: Float32Array, converged: Uint8Array): void => {
  if (densities.length > 0 && densities.every(Number.isNaN)) finiteDensities(densities);
  densities.forEach((density, i) => { if (Number.isNaN(density)) converged[i] = 0; });
};
