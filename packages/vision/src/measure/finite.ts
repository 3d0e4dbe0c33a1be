import { FlowError } from '@impflow/core';
import { number } from 'impflow/run';

/** Options of {@link finite}. */
interface FiniteOptions {
  /** Name of the values in the error message, in the plural, such as `Log-densities`. */
  readonly what: string;
  /** Number of values per image. Default 1. */
  readonly each?: number;
  /** Hint in the error message. */
  readonly hint: string;
}

/**
 * Checks that the values are finite, and returns the values.
 *
 * @throws `convergence` if some values are not finite, because results that are computed from these values would be
 * meaningless.
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

const DIVERGED = 'The training has diverged: lower the option lr, or use an earlier checkpoint.';

/**
 * Checks that the log-densities are finite, and returns them.
 *
 * @throws the error of {@link finite}.
 */
export const finiteDensities = <Values extends ArrayLike<number>>(values: Values): Values =>
  finite(values, { what: 'Log-densities', hint: DIVERGED });

/**
 * Checks that the logits `[images, classes]` are finite, and returns them.
 *
 * @throws the error of {@link finite}.
 */
export const finiteLogits = (values: Float32Array, classes: number): Float32Array =>
  finite(values, { what: 'Logits', each: classes, hint: DIVERGED });

/**
 * Checks that the errors `|x - f^-1(f(x))|` are finite.
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
 * Sets `converged` to 0 for images whose log-density is NaN.
 *
 * @throws the error of {@link finite} if all log-densities are NaN.
 */
export const markNaN = (densities: Float32Array, converged: Uint8Array): void => {
  if (densities.length > 0 && densities.every(Number.isNaN)) finiteDensities(densities);
  densities.forEach((density, i) => {
    if (Number.isNaN(density)) converged[i] = 0;
  });
};
