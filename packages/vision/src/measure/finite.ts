import { FlowError } from '@impflow/core';
import { number } from 'impflow/run';

/** Options of {@link finite}. */
interface FiniteOptions {
  /** Name of the values in the plural, such as `Log-densities`. */
  readonly what: string;
  /** Values per image. Default 1. */
  readonly each?: number;
  /** Hint of the error. */
  readonly hint: string;
}

/**
 * Returns the values.
 *
 * @throws `convergence` if some values are not finite, because results computed from them would be meaningless.
 */
export const finite = <Values extends ArrayLike<number>>(
  values: Values,
  { what, each = 1, hint }: FiniteOptions,
): Values => {
  const failed = new Set<number>();
  let first: number | undefined;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    failed.add(Math.floor(i / each));
    first ??= values[i];
  }
  if (failed.size === 0) return values;
  throw new FlowError(
    'convergence',
    'vision/evaluate',
    `${what} are not finite in ${number(failed.size)} of ${number(values.length / each)} images`,
    { expected: 'finite numbers', got: number(first), hint },
  );
};

const DIVERGED = 'The training has diverged: lower the option lr, or take an earlier checkpoint.';

/**
 * Returns the log-densities.
 *
 * @throws the error of {@link finite}.
 */
export const finiteDensities = <Values extends ArrayLike<number>>(values: Values): Values =>
  finite(values, { what: 'Log-densities', hint: DIVERGED });

/**
 * Returns the logits `[images, classes]`.
 *
 * @throws the error of {@link finite}.
 */
export const finiteLogits = (values: Float32Array, classes: number): Float32Array =>
  finite(values, { what: 'Logits', each: classes, hint: DIVERGED });

/**
 * Checks the errors of round trips.
 *
 * @throws the error of {@link finite}.
 */
export const finiteErrors = (values: readonly number[]): void => {
  if (!values.every(Number.isFinite))
    throw new FlowError('convergence', 'vision/evaluate', 'The inverse of the flow is not finite', {
      expected: 'numbers near the gray levels of the input',
      got: values.map((value) => number(value)).join(', '),
      hint: DIVERGED,
    });
};

/**
 * Marks images whose log-density is NaN as not converged.
 *
 * @throws the error of {@link finite} if all log-densities are NaN.
 */
export const markNaN = (densities: Float32Array, converged: Uint8Array): void => {
  if (densities.length > 0 && densities.every(Number.isNaN)) finiteDensities(densities);
  densities.forEach((density, i) => {
    if (Number.isNaN(density)) converged[i] = 0;
  });
};
