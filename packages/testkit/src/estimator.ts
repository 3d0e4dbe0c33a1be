import { fold, key, scoped, sizeOf, type BackendAdapter, type Key, type LogDetEstimator } from '@impflow/core';
import { slice, tensor } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { drawnAnew, shapeFrom, sizeFrom } from './drawn-anew.ts';
import { expectExact } from './estimator-exact.ts';
import { expectLinearizationKept } from './estimator-linearization.ts';
import { at, average, gradientOf, LAW_SLOPE, logDets, rows, setting } from './estimator-measures.ts';
import { expectProbesIndependent } from './estimator-probes.ts';
import { expectLarge, expectParts, expectSameAfterMany, expectZero, WIDE } from './estimator-sizes.ts';
import { expectFirstTerm, expectLateTerms } from './estimator-terms.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';
import { rippleLogDet, rippleLogDetGradient } from './ripple.ts';
import { rounding } from './rounding.ts';
import { moments } from './statistics.ts';

/** Names of the laws, as keys of `except`. */
export type EstimatorLaw =
  | 'returns one number per row, and pairs with the shape of the points'
  | 'the log-determinant has the declared bias'
  | 'the first term of the series is the trace'
  | 'the late terms of the series have the right weights'
  | 'the gradient has the declared bias'
  | 'the value is the same with and without a gradient'
  | 'rows do not depend on later rows'
  | 'a part of a batch gets the random numbers of the whole batch'
  | 'a bad row does not change other rows'
  | 'leaves the linearization as it was'
  | 'probes do not depend on the number of terms'
  | 'an exact method is exact for wide events and slopes near one'
  | 'the same key gives the same numbers'
  | 'gives the same numbers after many calls'
  | 'gives zero where the Jacobian is zero'
  | 'holds for wide events and large log-determinants'
  | 'holds at sizes drawn anew'
  | 'keeps no tensor';

/** Options of {@link testEstimator}. */
export interface EstimatorSuite {
  /** Makes the estimator. Called twice. */
  readonly estimator: () => LogDetEstimator;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /**
   * Largest absolute errors of the means of a truncated estimator: `value` for the log-determinant in nats, `gradient`
   * for an entry of its gradient, for a map of 3 dimensions with the Lipschitz bound {@link LAW_SLOPE}. In `d`
   * dimensions, the laws accept `d / 3` times these errors. Default 0 each.
   */
  readonly truncation?: { readonly value: number; readonly gradient: number };
  /**
   * Number of independent estimates for the z-tests. The laws of the first term and of the late terms make up to 40
   * and 10 times this number of estimates if the noise is large. Default 100.
   */
  readonly estimates?: number;
  /**
   * Laws that this method does not keep, each with the reason. The report shows these laws as skipped. Default none.
   */
  readonly except?: Exceptions<EstimatorLaw>;
}

/**
 * Registers the laws of log-determinant estimators on each backend. Call this function at the top level of a vitest
 * file.
 *
 * @remarks A z-test fails beyond 5 standard errors: one false alarm in 1.7 million comparisons. The keys are fixed, so
 *   a suite that passed keeps passing. All rows of a call count as one observation, because they may share random
 *   numbers. The law of the first term finds an error of five percent if up to 40 times `estimates` reduce the standard
 *   error to 0.7 percent; the law of the late terms, an error of 2.5 percent with up to 10 times `estimates` and 0.35
 *   percent. The size of the errors that the other laws find depends on the noise.
 */
export const testEstimator = ({
  estimator,
  backends,
  truncation = { value: 0, gradient: 0 },
  estimates = 100,
  except = {},
}: EstimatorSuite): void => {
  const law = laws<EstimatorLaw>(except);
  const method = estimator();

  /**
   * Compares the mean of observations with the truth. `what` names each number. An exact estimator is called only once.
   */
  const expectMean = (
    what: (i: number) => string,
    observe: (k: Key) => ArrayLike<number>,
    expected: readonly number[],
    tolerance: number,
  ): void => {
    const count = method.bias === 'exact' ? 1 : estimates;
    const seen = moments(Array.from({ length: count }, (_, i) => Float64Array.from(observe(fold(key(21), i)))));
    seen.mean.forEach((value, i) => {
      const noise = count === 1 ? 0 : 5 * seen.standardError[i]!;
      expect(
        Math.abs(value - expected[i]!),
        `${what(i)}: ${count === 1 ? 'the estimate' : `the mean of ${count} estimates`} is ${value}, expected ${expected[i]}`,
      ).toBeLessThan(tolerance + noise);
    });
  };

  describe.each(backends)(`${method.name} on $name`, (backend) => {
    onBackend(backend);

    law('returns one number per row, and pairs with the shape of the points', () =>
      scoped(() => {
        for (const event of [[1], [3], [1, 3, 1]]) {
          const { g, x } = setting(event, 5);
          at(g, x, true, (lin) => {
            const { logDet, pair } = method.estimate(lin, key(22));
            expect(logDet.shape).toEqual([5]);
            const {
              pushed: { tangents, images },
              cotangents,
            } = pair!;
            expect(tangents.shape.slice(1)).toEqual([5, ...event]);
            expect([images.shape, cotangents.shape]).toEqual([tangents.shape, tangents.shape]);
            expectAgreement(images.dataSync(), lin.jvp(tangents).dataSync(), {
              what: 'the images of the pair',
              width: sizeOf(event),
              tolerance: 1e-6,
            });
          });
        }
      }),
    );

    law('the log-determinant has the declared bias', () =>
      scoped(() => {
        for (const event of [[1], [2], [3]]) {
          const { g, x } = setting(event, 128);
          const truth = rows(g, x).map(([w, b, at]) => rippleLogDet(LAW_SLOPE, w, b, at));
          // The means of rows with positive and with negative log-determinants are compared separately, because over
          // all rows the odd terms nearly cancel.
          const halves = (logDets: ArrayLike<number>): number[] =>
            [1, -1].map((sign) => average(truth.flatMap((value, i) => (value * sign > 0 ? [[logDets[i]!]] : [])))[0]!);
          expectMean(
            (i) => `rows with ${i === 0 ? 'positive' : 'negative'} log-determinants, events [${event.join(', ')}]`,
            (k) => halves(logDets(method, g, x, k)),
            halves(truth),
            2e-6 + truncation.value,
          );
        }
      }),
    );

    law('the first term of the series is the trace', () => expectFirstTerm(method, estimates, truncation.value));

    law('the late terms of the series have the right weights', () =>
      expectLateTerms(method, estimates, truncation.value),
    );

    law('the gradient has the declared bias', () =>
      scoped(() => {
        for (const event of [[1], [2], [3]]) {
          const { g, x } = setting(event, 32);
          const truth = rows(g, x).map(([w, b, at]) => rippleLogDetGradient(LAW_SLOPE, w, b, at));
          const parameters = average(truth.map(({ weight, bias }) => [...weight, ...bias]));
          const expected = [...parameters, ...truth.flatMap((one) => one.x.map((slope) => slope / truth.length))];
          const d = sizeOf(event);
          const named = (i: number): string => {
            if (i < d * d) return `weight[${Math.floor(i / d)}, ${i % d}]`;
            const j = i - d * d;
            return j < d ? `bias[${j}]` : `entry ${(j - d) % d} of row ${Math.floor((j - d) / d)} of the points`;
          };
          expectMean(
            (i) => `the gradient of ${named(i)}, events [${event.join(', ')}]`,
            (k) => gradientOf(method, g, x, k),
            expected,
            1e-5 + truncation.gradient,
          );
        }
      }),
    );

    law('the value is the same with and without a gradient', () =>
      scoped(() => {
        const { g, x } = setting([3], 6);
        expectAgreement(logDets(method, g, x, key(23), true), logDets(method, g, x, key(23)), {
          what: 'the log-determinant with tracking',
          tolerance: 1e-6,
        });
      }),
    );

    law('rows do not depend on later rows', () =>
      scoped(() => {
        const { g, x } = setting([3], 20);
        const whole = logDets(method, g, x, key(24));
        for (const count of [1, 7]) {
          expectAgreement(logDets(method, g, slice(x, [0, 0], [count, 3]), key(24)), whole.slice(0, count), {
            what: `the first ${count} of 20 rows alone`,
            tolerance: 1e-5,
          });
        }
      }),
    );

    // Workers that compute parts of a batch rely on this law.
    law('a part of a batch gets the random numbers of the whole batch', () => {
      expectParts(method, [3], 20, key(28), { starts: [1, 7], tolerance: 1e-5 });
      expectParts(method, [3], 300, key(28), { starts: [200], tolerance: 1e-5 });
    });

    law('gives the same numbers after many calls', () => expectSameAfterMany(estimator()));

    law('gives zero where the Jacobian is zero', () => expectZero(method));

    law('holds for wide events and large log-determinants', () => {
      expectLarge(method, (observe, truth, tolerance) =>
        expectMean(
          (i) => `the log-determinant of row ${i}, events [${WIDE}]`,
          observe,
          truth,
          tolerance + (truncation.value * WIDE) / 3,
        ),
      );
    });

    law('holds at sizes drawn anew', () =>
      drawnAnew((k) => {
        const [event, rows] = [shapeFrom(fold(k, 1), 8), sizeFrom(fold(k, 2), 2, 40)];
        // An estimate is a sum of up to 400 products for each entry.
        const tolerance = rounding(400 * sizeOf(event));
        expectParts(method, event, rows, fold(k, 3), { starts: [Math.ceil(rows / 3)], tolerance });
      }),
    );

    law('a bad row does not change other rows', () =>
      scoped(() => {
        const { g, x } = setting([3], 50);
        const kept = (row: readonly number[]): readonly (readonly number[])[] => {
          const input = tensor((x.arraySync() as number[][]).with(17, [...row]), [50, 3]);
          return at(g, input, true, (lin) => {
            const { logDet, pair } = method.estimate(lin, key(25));
            return [Array.from(logDet.dataSync()), Array.from(lin.pullback({ pair }).x.dataSync())];
          });
        };
        const good = kept([0.1, 0.2, 0.3]);
        for (const bad of [
          [Number.NaN, 0, 0],
          [Number.POSITIVE_INFINITY, 0, 0],
          [1e30, -1e30, 0],
        ]) {
          const [logDet, gradient] = kept(bad);
          const beside = `beside a row of ${bad.join(', ')}`;
          expectAgreement(logDet!, good[0]!, { what: `the log-determinant ${beside}`, except: (row) => row === 17 });
          expectAgreement(gradient!, good[1]!, {
            what: `the gradient ${beside}`,
            width: 3,
            except: (row) => row === 17,
          });
        }
      }),
    );

    law('leaves the linearization as it was', () => expectLinearizationKept(method));

    law('probes do not depend on the number of terms', () => expectProbesIndependent(method));

    law('an exact method is exact for wide events and slopes near one', () => expectExact(method));

    law('the same key gives the same numbers', () =>
      scoped(() => {
        const { g, x } = setting([3], 6);
        expectAgreement(logDets(method, g, x, key(26)), logDets(method, g, x, key(26)), {
          what: 'the log-determinant of the same key',
        });
      }),
    );

    law('keeps no tensor', () => {
      const { g, x } = setting([3], 6);
      for (const tracked of [true, false]) {
        expectKept(tracked ? 'an estimate and its pair' : 'an estimate', () => {
          const lin = g.linearize(x, { tracked });
          scoped(() => {
            method.estimate(lin, key(27));
          });
          lin.dispose();
          return [];
        });
      }
      expect(x.isDisposed).toBe(false);
      for (const tensor of [x, ...Object.values(g.parameters)]) tensor.dispose();
    });
  });
};
