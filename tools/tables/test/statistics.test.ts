// Checks the tests of uniformity: known values, and the distribution of p-values of uniform numbers.
import { expect, it } from 'vitest';
import { core } from '../../bench/library.mjs';
import { quantile } from '../../bench/statistics.mjs';
import { chiSquareP, ksP, upperGamma } from '../statistics.mjs';

const { fold, key, uniforms } = core;

it('the incomplete gamma function agrees with SciPy', () => {
  // scipy.special.gammaincc, version 1.17.1.
  const known = [
    [9.5, 9.5, 0.45683612559196224],
    [9.5, 20, 0.003272317118779744],
    [9.5, 3, 0.997928455202865],
    [0.5, 2, 0.04550026389635857],
    [2, 0.1, 0.9953211598395555],
  ] as const;
  for (const [a, x, value] of known) expect(upperGamma(a, x)).toBeCloseTo(value, 8);
});

it('p-values of uniform numbers are uniform, and p-values of other numbers are small', () => {
  const runs = 400;
  const [ks, chi] = [ksP, (values: readonly number[]) => chiSquareP(values, 10)].map((test) =>
    Array.from({ length: runs }, (_, run) => test([...uniforms(fold(key(5), run), 200)])),
  );
  for (const p of [ks!, chi!]) {
    const share = p.filter((value) => value <= 0.1).length / runs;
    // The bound is four standard errors of a share of 0.1: one false alarm in 16,000.
    expect(Math.abs(share - 0.1)).toBeLessThan(4 * Math.sqrt(0.09 / runs));
    expect(p.filter((value) => value <= 0.5).length / runs).toBeCloseTo(0.5, 0);
  }
  const squeezed = [...uniforms(key(6), 200)].map((u) => 0.25 + u / 2);
  expect(ksP(squeezed)).toBeLessThan(1e-6);
  expect(chiSquareP(squeezed, 10)).toBeLessThan(1e-6);
});

it('`quantile` interpolates between the numbers', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
});
