import { fold, key, scoped, type Contraction, type LogDetEstimator } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { at, average, LAW_SLOPE, rows } from './estimator-measures.ts';
import { ripple, rippleLogDet } from './ripple.ts';
import { moments, type Moments } from './statistics.ts';

/**
 * Lipschitz bound of the map in the law of the first term. The second term of the series is then a twentieth of the
 * first.
 */
const SMALL = 0.1;
/**
 * Relative standard error of the mean in the law of the first term. Five standard errors are 3.5 percent, so that an
 * error of 5 percent is found with a probability of 98 percent.
 */
const FIRST = { precision: 0.007, times: 40 };

/**
 * Checks the mean of the log-determinants `log(1 + a)` with small `a`, in one dimension. Probes of random signs then
 * have no noise. A roulette may drop terms; among these terms only the first, `a`, is not small.
 */
export const expectFirstTerm = (method: LogDetEstimator, estimates: number, truncation: number): void =>
  scoped(() => {
    const g = ripple({ event: [1], slope: SMALL, weight: [1] });
    const x = argumentsOf(
      g,
      Array.from({ length: 64 }, (_, i) => i / 32 - 1),
    );
    const truth = average(truths(g, SMALL, x).map((row) => [row]));
    const found = estimated(method, g, x, { estimates, ...FIRST, truth, of: (logDets) => average(logDets) });
    expectNear(found, truth, truncation, () => '');
  });

/** Precision of the law of the late terms. With the defaults of the roulette, 1,000 estimates reach it. */
const LATE = { precision: 0.0035, times: 10, hopeless: 4 };

/**
 * Checks the means of the log-determinants of two rows in one dimension, with the Jacobians 0.6 and -0.6. For -0.6 all
 * terms of the series have the same sign, so that errors in their weights add up. Probes of random signs have no noise
 * in one dimension, so that all noise comes from the number of terms.
 */
export const expectLateTerms = (method: LogDetEstimator, estimates: number, truncation: number): void =>
  scoped(() => {
    const g = ripple({ event: [1], slope: LAW_SLOPE, weight: [1] });
    const x = argumentsOf(g, [0, Math.PI]);
    const truth = truths(g, LAW_SLOPE, x);
    const found = estimated(method, g, x, { estimates, ...LATE, truth, of: (logDets) => logDets.flat() });
    expectNear(found, truth, truncation, (row) => `the Jacobian ${row === 0 ? '' : '-'}${LAW_SLOPE}: `);
  });

/** Returns points at which the arguments of the sine of a map in one dimension have the given values. */
const argumentsOf = (g: Contraction, values: readonly number[]): Tensor => {
  const bias = g.parameters['bias']!.dataSync()[0]!;
  return tensor(
    Float32Array.from(values, (value) => value - bias),
    [values.length, 1],
  );
};

const truths = (g: Contraction, slope: number, x: Tensor): number[] =>
  rows(g, x).map(([w, b, point]) => rippleLogDet(slope, w, b, point));

/** What `estimated` observes in the log-determinants of each call, and how precisely. */
interface Observed {
  /** Number of estimates between two looks at the standard errors. */
  readonly estimates: number;
  /** Largest number of estimates, as a multiple of `estimates`. */
  readonly times: number;
  /** Standard errors of the means, divided by the true means, at which no more estimates are made. */
  readonly precision: number;
  /**
   * No more estimates are made if the standard errors of the largest number of estimates would be above this multiple of
   * `precision`. Default Infinity.
   */
  readonly hopeless?: number;
  readonly truth: readonly number[];
  readonly of: (logDets: readonly (readonly number[])[]) => readonly number[];
}

/** Returns the moments of observations. Makes estimates until the means are precise, or until the largest number. */
const estimated = (
  method: LogDetEstimator,
  g: Contraction,
  x: Tensor,
  { estimates, times, precision, hopeless = Infinity, truth, of }: Observed,
): Moments =>
  at(g, x, false, (lin) => {
    const seen: (readonly number[])[] = [];
    const observe = (): number =>
      seen.push(
        scoped(() =>
          of(Array.from(method.estimate(lin, fold(key(29), seen.length)).logDet.dataSync(), (one) => [one])),
        ),
      );
    if (method.bias === 'exact') {
      observe();
      return { ...moments(seen), standardError: truth.map(() => 0) };
    }
    for (;;) {
      for (let i = 0; i < estimates; i++) observe();
      const found = moments(seen);
      const largest = Math.max(...found.standardError.map((error, i) => error / Math.abs(truth[i]!)));
      const atEnd = largest * Math.sqrt(found.count / (times * estimates));
      if (largest <= precision || found.count >= times * estimates || atEnd > hopeless * precision) return found;
    }
  });

const expectNear = (
  { mean, standardError, count }: Moments,
  truth: readonly number[],
  truncation: number,
  named: (i: number) => string,
): void => {
  for (const [i, expected] of truth.entries())
    expect(
      Math.abs(mean[i]! - expected),
      `${named(i)}the mean ${mean[i]} of ${count} estimates, with a standard error of ${standardError[i]}, against ${expected}`,
    ).toBeLessThan(2e-6 + truncation + 5 * standardError[i]!);
};
