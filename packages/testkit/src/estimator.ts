import { fold, key, scoped, sizeOf, valueAndGradients, type BackendAdapter, type Contraction, type Key, type LogDetEstimator, type Shape, type Transformed } from '@impflow/core';
import { mean, memory, slice, sum, tensor, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';
import { ripple, rippleLogDet, rippleLogDetGradient, ripplePoints } from './ripple.ts';
import { moments } from './statistics.ts';

/** The laws by name, so that an exception can be declared. */
export type EstimatorLaw =
  | 'the value is g(x)'
  | 'the log-determinant is what its bias promises'
  | 'the gradient is what its bias promises'
  | 'the value does not depend on whether a gradient is recorded'
  | 'rows do not depend on what follows them'
  | 'a bad row touches no other'
  | 'the same key gives the same numbers'
  | 'returns two tensors and keeps none';

export interface EstimatorSuite {
  readonly estimator: () => LogDetEstimator;
  /** Backends to keep the laws on. */
  readonly backends: readonly BackendAdapter[];
  /**
   * How far a truncated estimator's means may be from the truth, absolutely: the log-determinant, and an entry of its gradient.
   * The law's map has up to 3 dimensions and the Lipschitz bound {@link LAW_SLOPE}. Default 0.
   */
  readonly truncation?: { readonly value: number; readonly gradient: number };
  /** Independent estimates for the z-tests. Default 100. */
  readonly estimates?: number;
  /** Laws that this method does not keep, each with the reason: shown in the report. */
  readonly except?: Exceptions<EstimatorLaw>;
}

/** Lipschitz bound of the map that the laws are tried on: a roulette with halving odds has finite variance below 0.7. */
export const LAW_SLOPE = 0.6;

/**
 * Registers the laws that every log-determinant estimator keeps, on each backend. Call it at the top of a vitest file.
 *
 * @remarks A z-test alarms beyond 5 standard errors, wrongly once in 1.7 million comparisons; the keys are fixed, so that a
 * suite that passed keeps passing. One call is one observation (its rows may share randomness). That shows a bias of a few percent
 * under the noise of a Russian roulette, and any above rounding where there is no noise.
 */
export const testEstimator = ({ estimator, backends, truncation = { value: 0, gradient: 0 }, estimates = 100, except = {} }: EstimatorSuite): void => {
  const law = laws<EstimatorLaw>(except);
  const method = estimator();

  /** Observations, one when there is no randomness, against the truth. */
  const expectMean = (observe: (k: Key) => ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
    const count = method.bias === 'exact' ? 1 : estimates;
    const seen = moments(Array.from({ length: count }, (_, i) => Float64Array.from(observe(fold(key(21), i)))));
    seen.mean.forEach((value, i) => {
      const noise = count === 1 ? 0 : 5 * seen.standardError[i]!;
      expect(Math.abs(value - expected[i]!), `entry ${i}: ${value} against ${expected[i]}`).toBeLessThan(tolerance + noise);
    });
  };

  describe.each(backends)(`${method.name} on $name`, (backend) => {
    onBackend(backend);

    law('the value is g(x)', () => scoped(() => {
      for (const event of [[1], [3], [1, 3, 1]]) {
        const { g, x } = setting(event, 5);
        const { value, logDet } = method.estimate(g, x, key(22));
        expect(value.shape).toEqual([5, ...event]);
        expect(logDet.shape).toEqual([5]);
        expect(largest(value.dataSync(), g.apply(x).dataSync())).toBeLessThan(1e-6);
      }
    }));

    law('the log-determinant is what its bias promises', () => scoped(() => {
      for (const event of [[1], [2], [3]]) {
        const { g, x } = setting(event, 128);
        const truth = rows(g, x).map(([w, b, at]) => rippleLogDet(LAW_SLOPE, w, b, at));
        // The rows where it is positive, and those where it is negative: over all of them odd terms of a series nearly cancel.
        const halves = (logDets: ArrayLike<number>): number[] =>
          [1, -1].map((sign) => average(truth.flatMap((value, i) => value * sign > 0 ? [[logDets[i]!]] : []))[0]!);
        expectMean((k) => halves(scoped(() => method.estimate(g, x, k).logDet.dataSync())), halves(truth), 2e-6 + truncation.value);
      }
    }));

    law('the gradient is what its bias promises', () => scoped(() => {
      for (const event of [[1], [2], [3]]) {
        const { g, x } = setting(event, 32);
        const truth = rows(g, x).map(([w, b, at]) => rippleLogDetGradient(LAW_SLOPE, w, b, at));
        const parameters = average(truth.map(({ weight, bias }) => [...weight, ...bias]));
        const expected = [...parameters, ...truth.flatMap((one) => one.x.map((slope) => slope / truth.length))];
        expectMean((k) => gradientOf(method, g, x, k), expected, 1e-5 + truncation.gradient);
      }
    }));

    law('the value does not depend on whether a gradient is recorded', () => scoped(() => {
      const { g, x } = setting([3], 6);
      const plain = numbers(method.estimate(g, x, key(23)));
      let recorded = plain;
      valueAndGradients(() => {
        const result = method.estimate(g, x, key(23));
        recorded = numbers(result);
        return sum(result.logDet);
      }, { ...g.parameters });
      expect(largest(recorded.logDet, plain.logDet)).toBeLessThan(1e-6);
      expect(largest(recorded.value, plain.value)).toBeLessThan(1e-6);
    }));

    law('rows do not depend on what follows them', () => scoped(() => {
      const { g, x } = setting([3], 20);
      const whole = numbers(method.estimate(g, x, key(24)));
      for (const count of [1, 7]) {
        const part = numbers(method.estimate(g, slice(x, [0, 0], [count, 3]), key(24)));
        expect(largest(part.logDet, whole.logDet)).toBeLessThan(1e-5);
        expect(largest(part.value, whole.value)).toBeLessThan(1e-5);
      }
    }));

    law('a bad row touches no other', () => scoped(() => {
      const { g, x } = setting([3], 50);
      const kept = (row: readonly number[]): readonly (readonly number[])[] => {
        const input = variable(tensor((x.arraySync() as number[][]).with(17, [...row]), [50, 3]));
        let result: ReturnType<typeof numbers> | undefined;
        const { gradients } = valueAndGradients(() => {
          const estimated = method.estimate(g, input, key(25));
          result = numbers(estimated);
          return sum(estimated.logDet);
        }, { input });
        input.dispose();
        const others = (values: ArrayLike<number>, width: number): number[] => Array.from(values).filter((_, i) => Math.floor(i / width) !== 17);
        return [others(result!.value, 3), others(result!.logDet, 1), others(gradients['input']!.dataSync(), 3)];
      };
      const good = kept([0.1, 0.2, 0.3]);
      expect(kept([Number.NaN, 0, 0])).toEqual(good);
      expect(kept([Number.POSITIVE_INFINITY, 0, 0])).toEqual(good);
      expect(kept([1e30, -1e30, 0])).toEqual(good);
    }));

    law('the same key gives the same numbers', () => scoped(() => {
      const { g, x } = setting([3], 6);
      const once = numbers(method.estimate(g, x, key(26)));
      expect(numbers(method.estimate(g, x, key(26)))).toEqual(once);
    }));

    law('returns two tensors and keeps none', () => {
      const { g, x } = setting([3], 6);
      const before = memory().numTensors;
      const result = method.estimate(g, x, key(27));
      expect(memory().numTensors).toBe(before + 2);
      result.value.dispose();
      result.logDet.dispose();
      scoped(() => { gradientOf(method, g, x, key(27)); });
      expect(memory().numTensors).toBe(before);
      expect(x.isDisposed).toBe(false);
      for (const tensor of [x, ...Object.values(g.parameters)]) tensor.dispose();
    });
  });
};

interface Setting {
  readonly g: Contraction;
  readonly x: Variable;
}

const setting = (event: Shape, batch: number): Setting => {
  const points = ripplePoints(event, batch);
  const x = variable(points);
  points.dispose();
  return { g: ripple({ event, slope: LAW_SLOPE }), x };
};

/** Weight, bias and point of each row. */
const rows = (g: Contraction, x: Tensor): readonly (readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>])[] => {
  const d = sizeOf(g.shape);
  const points = x.dataSync();
  return Array.from({ length: x.shape[0]! }, (_, i) =>
    [g.parameters['weight']!.dataSync(), g.parameters['bias']!.dataSync(), points.slice(i * d, (i + 1) * d)] as const);
};

/** The gradient of the mean log-determinant with respect to weight, bias and points, in this order. */
const gradientOf = (method: LogDetEstimator, g: Contraction, x: Variable, k: Key): readonly number[] => scoped(() => {
  const { gradients } = valueAndGradients(() => mean(method.estimate(g, x, k).logDet), { ...g.parameters, x });
  return ['weight', 'bias', 'x'].flatMap((name) => Array.from(gradients[name]!.dataSync()));
});

const numbers = ({ value, logDet }: Transformed) => ({ value: Array.from(value.dataSync()), logDet: Array.from(logDet.dataSync()) });

const average = (observations: readonly (readonly number[])[]): number[] =>
  observations[0]!.map((_, i) => observations.reduce((total, row) => total + row[i]!, 0) / observations.length);

/** Over the entries of `a`; `b` may be longer. */
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
