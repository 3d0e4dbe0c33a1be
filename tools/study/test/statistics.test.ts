// Compares errors and ranks with independent computations.
import { expect, it } from 'vitest';
import { combined, heldOut, pairedAuc, pairedNats, ranking } from '../statistics.mjs';

/** Returns uniform numbers from a fixed seed. */
const uniforms = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
const normals = (seed: number): (() => number) => {
  const draw = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
};
const many = (count: number, draw: () => number): readonly number[] => Array.from({ length: count }, draw);
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const deviation = (numbers: readonly number[]): number =>
  Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean(numbers)) ** 2, 0) / (numbers.length - 1));

it('a loss is the negative mean log-density, with the standard error of the mean', () => {
  expect(heldOut([-1, -2, -6])).toEqual({ nats: 3, standardError: Math.sqrt(7 / 3), rows: 3, impossible: 0 });
});

it('a row of density 0 makes the loss infinite, and a NaN log-density throws', () => {
  expect(heldOut([-1, -Infinity])).toMatchObject({ nats: Infinity, impossible: 1, rows: 2 });
  expect(() => heldOut([-1, NaN])).toThrow('Wrong log-densities');
  expect(() => heldOut([])).toThrow('Wrong log-densities');
});

it('the standard error of a paired difference comes from the differences in each row', () => {
  const rows = many(50, normals(1)).map((x) => 5 * x);
  const { difference, variance } = pairedNats(
    rows.map((x) => x - 0.25),
    rows,
  );
  expect(difference).toBeCloseTo(0.25, 12);
  expect(variance).toBeCloseTo(0, 12);
  const noise = many(50, normals(2));
  const gaps = pairedNats(
    rows.map((x, i) => x - noise[i]!),
    rows,
  );
  expect(gaps.difference).toBeCloseTo(mean(noise), 12);
  expect(Math.sqrt(gaps.variance)).toBeCloseTo(deviation(noise) / Math.sqrt(50), 12);
});

it('combined seeds have the larger of the standard error over rows and the standard error between seeds', () => {
  expect(combined([{ difference: 1, variance: 0.04 }])).toEqual({ difference: 1, standardError: 0.2, seeds: 1 });
  expect(
    combined([
      { difference: 1, variance: 0.04 },
      { difference: 1, variance: 0.05 },
    ]).standardError,
  ).toBeCloseTo(0.15, 12);
  expect(
    combined([
      { difference: 1, variance: 0.04 },
      { difference: 3, variance: 0.05 },
    ]),
  ).toMatchObject({ difference: 2, standardError: 1 });
});

it('the area under the curve is the share of correctly ordered pairs, where ties count half', () => {
  const draw = uniforms(3);
  const scores = many(60, () => Math.floor(12 * draw()));
  const normal = 40;
  const pairs = scores
    .slice(normal)
    .flatMap((high) => scores.slice(0, normal).map((low) => (high > low ? 1 : high === low ? 0.5 : 0)));
  expect(ranking(scores, normal).auc).toBeCloseTo(mean(pairs), 12);
  expect(ranking([0, 1, 2, 3], 2)).toMatchObject({ auc: 1, averagePrecision: 1 });
  expect(ranking([2, 3, 0, 1], 2).auc).toBe(0);
});

it('the average precision equals a sum over thresholds that is computed by hand', () => {
  // In descending order: an anomaly, a normal row, then one of each kind with equal scores. Recall 1/2, 1/2, 1;
  // precision 1, 1/2, 2/4.
  expect(ranking([5, 3, 7, 3], 2).averagePrecision).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 4), 12);
});

it('standard errors of AUCs and of their difference agree with repeated draws', () => {
  const [normal, anomalies, repeats] = [80, 30, 600];
  const draw = normals(7);
  const found = many(repeats, draw).map(() => {
    const truth = many(normal + anomalies, draw).map((x, i) => x + (i < normal ? 0 : 1.5));
    const [a, b] = [truth.map((x) => x + 0.3 * draw()), truth.map((x) => x + 0.8 * draw())];
    const { auc, standardError } = ranking(a, normal);
    return { auc, standardError, ...pairedAuc(b, a, normal) };
  });
  // 600 draws determine a standard deviation to 3 %: the tolerance is four times this error.
  const alone = mean(found.map(({ standardError }) => standardError)) / deviation(found.map(({ auc }) => auc));
  const apart =
    mean(found.map(({ variance }) => Math.sqrt(variance))) / deviation(found.map(({ difference }) => difference));
  for (const ratio of [alone, apart]) {
    expect(ratio).toBeGreaterThan(0.88);
    expect(ratio).toBeLessThan(1.12);
  }
});
