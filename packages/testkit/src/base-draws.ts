import { forRows, fromRow, key, scoped } from '@impflow/core';
import { add } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { boxOf, densities, grid, STEP, total, type Made } from './base-grid.ts';
import { rounding } from './rounding.ts';
import { moments } from './statistics.ts';

/** Checks by a chi-squared test that draws follow the density. */
export const expectDrawn = (base: Made, state: string): void => {
  const { points, volume } = grid(boxOf(base, 2), [STEP, STEP]);
  const expected = new Float64Array(CELLS ** 2);
  densities(base, 2, points).forEach((p, i) => {
    expected[cellOf([...points.subarray(2 * i, 2 * i + 2)])]! += p * volume * DRAWS;
  });
  const drawn = new Float64Array(CELLS ** 2);
  const draws = scoped(() => base(2).sample(key(72), DRAWS).arraySync() as number[][]);
  for (const point of draws) drawn[cellOf(point)]! += 1;
  const possible = [...expected.keys()].filter((i) => expected[i]! > 1);
  const elsewhere = total([...drawn].filter((_, i) => !possible.includes(i)));
  expect(elsewhere, `draws in cells with almost no mass, ${state}`).toBeLessThan(2 * CELLS);
  const statistic = total(possible.map((i) => (drawn[i]! - expected[i]!) ** 2 / expected[i]!));
  // The value that a chi-squared statistic exceeds once in 10,000 cases, by the formula of Wilson and Hilferty.
  const freedom = possible.length - 1;
  expect(statistic, state).toBeLessThan(freedom * (1 - 2 / (9 * freedom) + 3.72 * Math.sqrt(2 / (9 * freedom))) ** 3);
};

const DRAWS = 20_000;
const EDGES = [-2, -1, -0.5, 0, 0.5, 1, 2];
const CELLS = EDGES.length + 1;
const cellOf = (point: readonly number[]): number =>
  point.reduce((place, x) => place * CELLS + EDGES.filter((edge) => x > edge).length, 0);

/** Checks that draws share no numbers and are not correlated. */
export const expectAnew = (base: Made): void => {
  const rows = scoped(() => base(3).sample(key(81), 2000).arraySync() as number[][]);
  expect(new Set(rows.map((row) => row.join(' '))).size, 'different rows among 2000').toBe(2000);
  // If two rows share a number, this number occurs twice among the draws. By chance, hardly any of 6000 float32 numbers
  // occurs twice.
  expect(new Set(rows.flat().map(Math.abs)).size, 'different numbers among 6000, without their signs').toBeGreaterThan(
    5940,
  );
  const wide = scoped(() => base(40).sample(key(82), 50).dataSync());
  expect(new Set(wide.map(Math.abs)).size, 'different numbers among 50 rows of 40').toBeGreaterThan(1980);
  // Compares close rows, and rows of the two halves. The comparison detects rows of opposite sign, and numbers that a
  // later row uses again at another position.
  for (const lag of [1, 2, 3, 1000]) {
    const pairs = Array.from({ length: 2000 - lag }, (_, i) => [rows[i]!, rows[i + lag]!] as const);
    for (const [j, k] of PLACES) {
      const related = correlation(pairs.map(([row, later]) => [row[j]!, later[k]!]));
      // The bound is 5 standard errors of a correlation.
      expect(
        Math.abs(related),
        `correlation of entry ${j} with entry ${k} of the row ${lag} positions later`,
      ).toBeLessThan(5 / Math.sqrt(pairs.length));
    }
  }
};

/** Checks that a row has the same draws in every batch that contains it, by its index or its name. */
export const expectRowsAlone = (base: Made): void =>
  scoped(() => {
    const whole = Array.from(base(3).sample(key(87), 10).dataSync());
    const part = base(3)
      .sample(fromRow(key(87), 4), 6)
      .dataSync();
    expectAgreement(part, whole.slice(3 * 4), { what: 'draws of the rows from the fifth on', width: 3 });
    for (const row of [0, 4, 9])
      expectAgreement(
        base(3)
          .sample(fromRow(key(87), row), 1)
          .dataSync(),
        whole.slice(3 * row, 3 * row + 3),
        { what: `the single draw of row ${row}`, width: 3 },
      );
    const names = [5, 2, 9];
    const named = Array.from(
      base(3)
        .sample(forRows(key(87), names), 3)
        .dataSync(),
    );
    const turned = base(3)
      .sample(forRows(key(87), [9, 5, 2, 7]), 4)
      .dataSync();
    const order = [...named.slice(6), ...named.slice(0, 6)];
    expectAgreement(Array.from(turned).slice(0, 9), order, {
      what: 'draws of rows with the same names at other positions',
      width: 3,
    });
  });

/** Checks that a temperature scales the noise, and does not move the center. */
export const expectScaled = (base: Made): void =>
  scoped(() => {
    const draw = (temperature?: number): Float32Array =>
      base(2).sample(key(82), 4000, temperature).dataSync() as Float32Array;
    expectAgreement(draw(1), draw(), { what: 'draws at temperature 1 and without a temperature', width: 2 });
    expectOnLines(base);
    const spreads = [0.25, 1, 4].map((temperature) => variance(draw(temperature)));
    // The variance of a mixture with distant components hardly depends on the temperature.
    expect(spreads[0]! / spreads[1]!, 'variance at temperature 0.25 divided by the variance at 1').toBeLessThan(0.99);
    expect(spreads[2]! / spreads[1]!, 'variance at temperature 4 divided by the variance at 1').toBeGreaterThan(1.01);
    // The temperature must not move the center, also if the center depends on parameters.
    for (const [where, shift] of WHERE) {
      const density = base(2);
      for (const parameter of Object.values(density.parameters)) parameter.assign(add(parameter, shift));
      const [cold, plain, hot] = [0.25, 1, 4].map((temperature) =>
        centers(density.sample(key(83), 4000, temperature).dataSync<'float32'>() as Float32Array),
      );
      for (const [temperature, moved] of [
        [0.25, cold!],
        [4, hot!],
      ] as const) {
        for (const [j, { mean, error }] of moved.entries()) {
          const allowed = 5 * Math.hypot(error, plain![j]!.error) + 1e-6;
          expect(
            Math.abs(mean - plain![j]!.mean),
            `change of the mean of entry ${j} at temperature ${temperature}, ${where}`,
          ).toBeLessThan(allowed);
        }
      }
    }
  });

/**
 * Checks that draws of the same key at the temperatures 1/4, 1 and 4 lie on a line through the center: with
 * `z(T) = m + T n`, `z(4) - z(1) = 4 (z(1) - z(1/4))`. Also checks the line with moved parameters.
 *
 * @remarks The difference of the two sides is `z(4) - 5 z(1) + 4 z(1/4)`, whose weights sum to 10. Each draw has the
 *   rounding error of a sum of two terms, which are at most as large as the largest draw at temperature 4.
 */
const expectOnLines = (base: Made): void => {
  for (const [where, shift] of WHERE) {
    const density = base(2);
    for (const parameter of Object.values(density.parameters)) parameter.assign(add(parameter, shift));
    const [cold, plain, hot] = [0.25, 1, 4].map((temperature) =>
      Array.from(density.sample(key(95), 200, temperature).dataSync()),
    ) as [number[], number[], number[]];
    const size = 1 + Math.max(...hot.map(Math.abs), ...plain.map(Math.abs));
    expectAgreement(
      hot.map((entry, i) => entry - plain[i]!),
      plain.map((entry, i) => 4 * (entry - cold[i]!)),
      {
        what: `change of a draw from temperature 1 to 4, against 4 times the change from 1/4 to 1, ${where}`,
        width: 2,
        tolerance: 10 * rounding(2) * size,
      },
    );
  }
};

/** The parameters as they are made, and the parameters moved by a number. */
const WHERE = [
  ['as made', 0],
  ['with its parameters moved', 0.7],
] as const;

/** Returns the sum of the variances of the two columns. */
const variance = (rows: Float32Array): number =>
  [0, 1].reduce((sum, column) => {
    const entries = [...rows].filter((_, i) => i % 2 === column);
    const mean = total(entries) / entries.length;
    return sum + total(entries.map((entry) => (entry - mean) ** 2)) / entries.length;
  }, 0);

/** Returns the mean of each of the two columns, and the standard error of the mean. */
const centers = (rows: Float32Array): readonly { readonly mean: number; readonly error: number }[] => {
  const { mean, standardError } = moments(
    Array.from({ length: rows.length / 2 }, (_, i) => rows.subarray(2 * i, 2 * i + 2)),
  );
  return mean.map((entry, j) => ({ mean: entry, error: standardError[j]! }));
};

/** All pairs of columns of rows with three entries. */
const PLACES = [0, 1, 2].flatMap((j) => [0, 1, 2].map((k) => [j, k] as const));

const correlation = (pairs: readonly (readonly [number, number])[]): number => {
  const means = [0, 1].map((k) => total(pairs.map((pair) => pair[k]!)) / pairs.length);
  const product = (a: number, b: number): number =>
    total(pairs.map((pair) => (pair[a]! - means[a]!) * (pair[b]! - means[b]!)));
  return product(0, 1) / Math.sqrt(product(0, 0) * product(1, 1));
};
