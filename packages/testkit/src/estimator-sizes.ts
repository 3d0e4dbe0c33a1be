import { fold, fromRow, key, scoped, sizeOf, type Key, type LogDetEstimator, type Shape } from '@impflow/core';
import { slice, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { at, logDets, setting, rows as rowsOf } from './estimator-measures.ts';
import { ripple, rippleLogDet } from './ripple.ts';
import { rounding } from './rounding.ts';

/** Returns log-determinants, and the gradient of their sum with respect to the points. */
const estimated = (
  method: LogDetEstimator,
  g: Parameters<typeof at>[0],
  x: Tensor,
  k: Key,
): { readonly logDet: number[]; readonly gradient: number[] } =>
  at(g, x, true, (lin) => {
    const { logDet, pair } = method.estimate(lin, k);
    return { logDet: Array.from(logDet.dataSync()), gradient: Array.from(lin.pullback({ pair }).x.dataSync()) };
  });

/**
 * Compares log-determinants and gradients of the rows from each of `starts` on with the same rows of a whole batch. The
 * tolerance is relative to the largest number above one.
 */
export const expectParts = (
  method: LogDetEstimator,
  event: Shape,
  count: number,
  k: Key,
  { starts, tolerance }: { readonly starts: readonly number[]; readonly tolerance: number },
): void =>
  scoped(() => {
    const { g, x } = setting(event, count);
    const d = sizeOf(event);
    const whole = estimated(method, g, x, k);
    for (const from of starts) {
      const rest = slice(x, [from, ...event.map(() => 0)], [count - from, ...event]);
      const part = estimated(method, g, rest, fromRow(k, from));
      const what = `${count - from} rows from row ${from} of ${count}, with fromRow(key, ${from})`;
      for (const [name, width] of [
        ['logDet', 1],
        ['gradient', d],
      ] as const) {
        const wanted = whole[name].slice(from * width);
        // The noise of an estimate is as large as the largest estimate.
        const size = Math.max(1, ...whole[name].map(Math.abs));
        expectAgreement(
          part[name].map((entry) => entry / size),
          wanted.map((entry) => entry / size),
          { what: `${name} of ${what}`, width, tolerance },
        );
      }
    }
  });

/** Number of estimates of one instance. */
const CALLS = 45;

/** Checks that the same key gives the same numbers after many estimates. */
export const expectSameAfterMany = (method: LogDetEstimator): void =>
  scoped(() => {
    const { g, x } = setting([2], 2);
    const first = estimated(method, g, x, key(26));
    for (let i = 2; i < CALLS; i++) logDets(method, g, x, fold(key(26), i));
    const last = estimated(method, g, x, key(26));
    expectAgreement(last.logDet, first.logDet, { what: `the log-determinant of estimate ${CALLS}` });
    expectAgreement(last.gradient, first.gradient, { what: `the gradient of estimate ${CALLS}`, width: 2 });
  });

/** Checks that a map whose Jacobian is zero has a log-determinant of zero and a finite gradient. */
export const expectZero = (method: LogDetEstimator): void =>
  scoped(() => {
    const { x } = setting([3], 4);
    const g = ripple({ event: [3], slope: 0.6, weight: Array.from({ length: 9 }, () => 0) });
    const { logDet, gradient } = estimated(method, g, x, key(30));
    expectAgreement(logDet, [0, 0, 0, 0], { what: 'the log-determinant of a constant map', tolerance: rounding(9) });
    expect(gradient.every(Number.isFinite), 'the gradient of a constant map is finite').toBe(true);
  });

/** Number of entries of the wide event. */
export const WIDE = 12;
/** Lipschitz bound of the wide map. The terms of a roulette, multiplied by their weights, decrease. */
const SLOPE = 0.4;

/**
 * Checks the log-determinants of a wide map, which are about 4 and -6, with `expectMean`, which compares the mean of
 * observations with the truth.
 */
export const expectLarge = (
  method: LogDetEstimator,
  expectMean: (observe: (k: Key) => ArrayLike<number>, truth: readonly number[], tolerance: number) => void,
): void =>
  scoped(() => {
    const identity = Array.from({ length: WIDE ** 2 }, (_, i) => (i % (WIDE + 1) === 0 ? 1 : 0));
    const g = ripple({ event: [WIDE], slope: SLOPE, weight: identity });
    const bias = g.parameters['bias']!.dataSync();
    // The argument of the sine is near zero in the first row, and near pi in the second row.
    const x = tensor(
      Float32Array.from({ length: 2 * WIDE }, (_, i) => (i < WIDE ? 0 : Math.PI) - bias[i % WIDE]! + 0.1 * Math.sin(i)),
      [2, WIDE],
    );
    const truth = rowsOf(g, x).map(([w, b, point]) => rippleLogDet(SLOPE, w, b, point));
    const largest = Math.max(...truth.map(Math.abs));
    expectMean((k) => logDets(method, g, x, k), truth, rounding(WIDE) * largest);
  });
