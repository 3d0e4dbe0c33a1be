import { fold, key, scoped, type LogDetEstimator } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { at, rows } from './estimator-measures.ts';
import { ripple, rippleLogDet } from './ripple.ts';
import { moments } from './statistics.ts';

/**
 * Lipschitz bound of the map in the law of the first term. The second term of the series is then a twentieth of the
 * first.
 */
const SMALL = 0.1;
/**
 * Relative standard error of the mean in the law of the first term. Five standard errors are 3.5 percent, so that an
 * error of 5 percent is found with a probability of 98 percent.
 */
const PRECISION = 0.007;

/**
 * Checks the mean of the log-determinants `log(1 + a)` with small `a`, in one dimension. Probes of random signs then
 * have no noise. A roulette may drop terms; among these terms only the first, `a`, is not small.
 */
export const expectFirstTerm = (method: LogDetEstimator, estimates: number, truncation: number): void =>
  scoped(() => {
    const g = ripple({ event: [1], slope: SMALL, weight: [1] });
    const bias = g.parameters['bias']!.dataSync()[0]!;
    const x = tensor(
      Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1 - bias),
      [64, 1],
    );
    const truth = rows(g, x).reduce((sum, [w, b, point]) => sum + rippleLogDet(SMALL, w, b, point), 0) / 64;
    const { mean, standardError, count } = at(g, x, false, (lin) =>
      expectedValue(
        method,
        estimates,
        (i) =>
          scoped(
            () =>
              method
                .estimate(lin, fold(key(29), i))
                .logDet.dataSync<'float32'>()
                .reduce((sum, entry) => sum + entry, 0) / 64,
          ),
        truth,
      ),
    );
    expect(
      Math.abs(mean - truth),
      `the mean ${mean} of ${count} estimates, with a standard error of ${standardError}, against ${truth}`,
    ).toBeLessThan(1e-6 + truncation + 5 * standardError);
  });

/**
 * Returns the mean of observations. Adds observations until the relative standard error is at most {@link PRECISION},
 * or until there are `40 * estimates` observations.
 */
const expectedValue = (
  { bias }: LogDetEstimator,
  estimates: number,
  observe: (i: number) => number,
  truth: number,
): { readonly mean: number; readonly standardError: number; readonly count: number } => {
  if (bias === 'exact') return { mean: observe(0), standardError: 0, count: 1 };
  const seen: number[] = [];
  for (;;) {
    for (let i = 0; i < estimates; i++) seen.push(observe(seen.length));
    const {
      count,
      mean: [mean],
      standardError: [standardError],
    } = moments(seen.map((value) => [value]));
    if (standardError! <= PRECISION * Math.abs(truth) || count >= 40 * estimates)
      return { count, mean: mean!, standardError: standardError! };
  }
};
