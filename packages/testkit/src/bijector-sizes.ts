import { fold, fromRow, key, scoped, uniforms, type Bijector, type Key } from '@impflow/core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { expectGradientsAtZero } from './at-zero.ts';
import { gradientsOf } from './bijector-derivatives.ts';
import { batchOf, evaluator, numbers, type Evaluator, type Method, type Row } from './bijector-rows.ts';
import { sizeFrom } from './drawn-anew.ts';
import { expectPresentParameters } from './same-tensors.ts';
import { shiftParameters } from './shifted.ts';

/** Draws rows of the domain of a method. */
export type Rows = (rows: number, k?: Key) => readonly Row[];

/** Two methods with their domains. */
export type Directions = readonly (readonly [method: Method, rows: Rows])[];

/** Checks that a long batch gives the results of its parts, in training and outside. */
export const expectLongBatches = (bijector: Bijector, directions: Directions): void => {
  for (const [method, rows] of directions) {
    const batch = rows(260);
    for (const train of [false, true])
      expectParts(bijector, method, batch, { train, tolerance: 1e-5 }, [
        [0, 1],
        [1, 30],
        [230, 30],
      ]);
  }
};

/**
 * Checks that a batch of random size gives the results of its parts. The tolerance is the accuracy of an inverse, 1e-4,
 * because a method that solves equations may stop at another step in another batch.
 */
export const expectDrawnSizes = (bijector: Bijector, directions: Directions, k: Key): void => {
  const count = sizeFrom(fold(k, 1), 2, 40);
  const cut = 1 + Math.floor((count - 1) * uniforms(fold(k, 2), 1)[0]!);
  for (const [i, [method, rows]] of directions.entries())
    expectParts(bijector, method, rows(count, fold(k, 3)), { train: (fold(k, 4).low & 1) === i, tolerance: 1e-4 }, [
      [0, cut],
      [cut, count - cut],
    ]);
};

/** Compares values and log-determinants of a batch with its parts, relative to entries above one. */
const expectParts = (
  bijector: Bijector,
  method: Method,
  batch: readonly Row[],
  { train, tolerance }: { readonly train: boolean; readonly tolerance: number },
  parts: readonly (readonly [from: number, count: number])[],
): void => {
  const whole = evaluator(bijector, { train })(method, batch);
  for (const [from, count] of parts) {
    // The rows of a part get the random numbers that they have in the whole batch.
    const part = evaluator(bijector, { train, key: fromRow(key(43), from) })(method, batch.slice(from, from + count));
    const [got, wanted] = [numbers(part), numbers(whole.slice(from, from + count))];
    const scaled = (entries: readonly number[]): number[] =>
      entries.map((entry, i) => entry / Math.max(1, Math.abs(wanted[i]!)));
    expectAgreement(scaled(got), scaled(wanted), {
      what: `${method}, ${count} rows from row ${from} of ${batch.length}${train ? ', in training' : ''}`,
      width: got.length / count,
      tolerance,
    });
  }
};

/** Checks that gradients of parameters are the sums of the gradients of the parts of a batch. */
export const expectGradientSums = (bijector: Bijector, rows: Rows): void => {
  const method = 'forwardWithLogDet';
  const batch = rows(90);
  const of = (from: number, to: number): Readonly<Record<string, number[]>> =>
    gradientsOf(bijector, method, batch.slice(from, to), bijector.parameters, from);
  const whole = of(0, 90);
  const [first, second] = [of(0, 35), of(35, 90)];
  for (const path of Object.keys(bijector.parameters)) {
    const sums = first[path]!.map((entry, i) => entry + second[path]![i]!);
    // The terms of the sum have random signs, so a gradient may be much smaller than its terms.
    const size = Math.sqrt(90) + Math.max(...[whole, first, second].flatMap((one) => one[path]!.map(Math.abs)));
    expectAgreement(
      whole[path]!.map((entry) => entry / size),
      sums.map((entry) => entry / size),
      { what: `${path}, the gradient of 90 rows and the sum over 35 and 55 rows`, tolerance: 1e-5 },
    );
  }
};

/** Number of calls of one instance. */
const CALLS = 45;

/** Checks that results of a new bijector are the same after many calls. */
export const expectSameAfterMany = (bijector: Bijector, directions: Directions): void => {
  const at = evaluator(bijector);
  for (const [method, rows] of directions) {
    const few = rows(1);
    const first = numbers(at(method, few));
    scoped(() => {
      const { x, call } = batchOf(bijector, method, few);
      for (let i = 2; i < CALLS; i++) bijector[method](x, call);
    });
    expectAgreement(numbers(at(method, few)), first, { what: `${method}, call ${CALLS}`, width: first.length });
  }
};

/** Checks that results for the same tensors follow a change of the parameters. */
export const expectParametersFollowed = (bijector: Bijector, directions: Directions): void => {
  if (Object.keys(bijector.parameters).length === 0) return;
  for (const [method, rows] of directions) {
    const plain = method === 'forwardWithLogDet' ? 'forward' : 'inverse';
    scoped(() => {
      const { x, call } = batchOf(bijector, method, rows(4));
      expectPresentParameters(
        (use) => {
          const given = { ...call, ...(call.condition === undefined ? {} : { condition: use(call.condition) }) };
          const { value, logDet } = bijector[method](use(x), given);
          return {
            [`${method}, the value`]: value,
            [`${method}, the log-determinant`]: logDet,
            [plain]: bijector[plain](use(x), given),
          };
        },
        () => {
          shiftParameters(bijector.parameters, 0.05);
          bijector.refresh({ tolerance: 1e-5 });
        },
      );
    });
  }
};

/** Checks the gradients at points with entries of zero. */
export const expectFineGradientsAtZero = (bijector: Bijector, directions: Directions): void => {
  for (const [method, rows] of directions)
    expectGradientsAtZero(method, (entry) =>
      gradientsOf(bijector, method, withEntries(rows(2), entry), bijector.parameters),
    );
};

/** Returns two rows with `entry` in place of the first entry of the first row, and of all entries of the second row. */
const withEntries = (rows: readonly Row[], entry: number): readonly Row[] =>
  rows.map((row, r) => ({ ...row, point: row.point.map((given, i) => (r === 1 || i === 0 ? entry : given)) }));

/**
 * Checks that values and log-determinants along a short way have small third differences. Cancellation makes the third
 * differences as large as its error. Where slopes jump, third differences are large, so the median of the rows counts.
 */
export const expectSmooth = (at: Evaluator, directions: Directions): void => {
  for (const [method, rows] of directions) {
    const from = rows(15);
    const outcomes = [0, 1, 2, 3].map((step) =>
      at(
        method,
        from.map((row, r) => ({
          ...row,
          point: row.point.map((entry, i) => entry + step * SHORT * Math.cos(r + 2 * i)),
        })),
      ),
    );
    const roughness = from.map((_, row) => {
      const [a, b, c, d] = outcomes.map((outcome) => numbers([outcome[row]!])) as [
        number[],
        number[],
        number[],
        number[],
      ];
      return Math.max(...a.map((first, i) => Math.abs(d[i]! - 3 * c[i]! + 3 * b[i]! - first) / (1 + Math.abs(first))));
    });
    const median = roughness.toSorted((p, q) => p - q)[roughness.length >> 1]!;
    expect(median, `${method}: third differences of values and log-determinants, median of the rows`).toBeLessThan(
      ROUGHNESS,
    );
  }
};

/**
 * Checks that the results for a point with entries of zero lie near the results for small entries of both signs, which
 * may jump at zero. With `kinks`, zero may be the lowest or highest point of a kink: the results at zero then only have
 * to continue the results on one side.
 */
export const expectNothingSpecialAtZero = (at: Evaluator, directions: Directions, kinks: boolean): void => {
  for (const [method, rows] of directions) {
    const [below, zero, above] = [-SHORT, 0, SHORT].map((size) => numbers(at(method, withEntries(rows(2), size)))) as [
      number[],
      number[],
      number[],
    ];
    // The results at zero, extrapolated from each side by a parabola.
    const sides = (): readonly (readonly number[])[] =>
      [-SHORT, SHORT].map((size) => {
        const [a, b, c] = [1, 2, 3].map((step) => numbers(at(method, withEntries(rows(2), step * size)))) as [
          number[],
          number[],
          number[],
        ];
        return a.map((first, i) => 3 * first - 3 * b[i]! + c[i]!);
      });
    // If a function is linear on both sides of zero, its value at zero lies between the two values.
    for (const [i, value] of zero.entries()) {
      const [middle, half] = [(below[i]! + above[i]!) / 2, Math.abs(above[i]! - below[i]!) / 2];
      const rough = ROUGHNESS * (1 + Math.abs(value));
      if (Math.abs(value - middle) <= 2 * half + rough) continue;
      // The magnitudes of the weights of the extrapolation sum to 7. The error is at most the error of a third difference.
      if (kinks && sides().some((side) => Math.abs(value - side[i]!) <= rough)) continue;
      expect.fail(
        `${method}, number ${i} of values and log-determinants for entries of ${-SHORT}, 0 and ${SHORT}: expected ` +
          `${below[i]}, a number near it, ${above[i]}, got ${value}. This is a kink or a wrong value at 0. If it is a ` +
          'kink, pass `kinks: true`.',
      );
    }
  }
};

/** Step of the third differences. The third derivative of a function contributes its value times 1e-9. */
const SHORT = 2 ** -10;
/**
 * Largest third difference, relative to values above one. A solve to 1e-6 leaves an error of about 1e-6 in each of the
 * four values, whose weights sum to 8.
 */
const ROUGHNESS = 8e-6;
