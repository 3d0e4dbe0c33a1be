import { key, normals, uniforms } from '@impflow/core';
import { fitRegression } from '@impflow/flows';
import { describe, expect, it } from 'vitest';

/** Rows of a known model: `y = W c + b + L e` with a context of numbers and a one-hot category. */
const WEIGHT = [
  [1, -2, 0, 3, -1],
  [0.5, 0, 2, 0, 1],
];
const BIAS = [4, -1];
const FACTOR = [
  [0.5, 0],
  [0.3, 0.8],
];
const data = (n: number): { readonly y: Float64Array; readonly c: Float64Array } => {
  const [noise, numbers, places] = [normals(key(1), 2 * n), normals(key(2), 2 * n), uniforms(key(3), n)];
  const [y, c] = [new Float64Array(2 * n), new Float64Array(5 * n)];
  for (let r = 0; r < n; r++) {
    c.set([numbers[2 * r]!, numbers[2 * r + 1]!, 0, 0, 0], 5 * r);
    c[5 * r + 2 + Math.floor(3 * places[r]!)] = 1;
    for (let j = 0; j < 2; j++)
      y[2 * r + j] =
        BIAS[j]! +
        WEIGHT[j]!.reduce((sum, slope, k) => sum + slope * c[5 * r + k]!, 0) +
        FACTOR[j]!.reduce((sum, entry, k) => sum + entry * noise[2 * r + k]!, 0);
  }
  return { y, c };
};

const fitted = (weight: readonly (readonly number[])[], bias: readonly number[], c: ArrayLike<number>): number[] =>
  bias.map((b, j) => weight[j]!.reduce((sum, slope, k) => sum + slope * c[k]!, b));

describe('`fitRegression`', () => {
  it('`fitRegression` recovers the model of 20,000 rows, although a one-hot context is collinear', () => {
    const { y, c } = data(20_000);
    const { weight, bias, factor } = fitRegression(y, c, { dim: 2 });
    // Coefficients of collinear context entries are not unique, but the predictions are. The tolerance is four standard
    // errors: 4 * 0.9 / sqrt(6000).
    for (const context of [
      [1, 0, 1, 0, 0],
      [0, 1, 0, 1, 0],
      [-1, 1, 0, 0, 1],
    ])
      fitted(weight, bias, context).forEach((mean, j) =>
        expect(Math.abs(mean - fitted(WEIGHT, BIAS, context)[j]!)).toBeLessThan(0.05),
      );
    // The standard error of a standard deviation is about sd / sqrt(2 n) = 0.005.
    FACTOR.forEach((row, i) => row.forEach((entry, j) => expect(Math.abs(factor[i]![j]! - entry)).toBeLessThan(0.02)));
  });

  it('without a ridge, residuals are orthogonal to the context, as in ordinary least squares', () => {
    const { y, c } = data(300);
    const numbers = Float64Array.from({ length: 600 }, (_, i) => c[5 * Math.floor(i / 2) + (i % 2)]!);
    const { weight, bias } = fitRegression(y, numbers, { dim: 2, ridge: 0 });
    for (let j = 0; j < 2; j++) {
      const sums = [0, 0, 0];
      for (let r = 0; r < 300; r++) {
        const row = numbers.subarray(2 * r, 2 * r + 2);
        const rest = y[2 * r + j]! - fitted(weight, bias, row)[j]!;
        [1, ...row].forEach((entry, k) => {
          sums[k]! += rest * entry;
        });
      }
      // The jitter of 1e-9 changes each coefficient by about 1e-9 of its value.
      for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(1e-5);
    }
  });

  it('a weight of 2 has the effect of a repeated row, except for the number of rows in the covariance', () => {
    const { y, c } = data(400);
    const weights = Float64Array.from({ length: 400 }, (_, r) => (r < 200 ? 2 : 1));
    const twice = (rows: Float64Array, width: number): Float64Array =>
      Float64Array.of(...rows.subarray(0, 200 * width), ...rows);
    const one = fitRegression(y, c, { dim: 2, weights, ridge: 1e-9 });
    const other = fitRegression(twice(y, 2), twice(c, 5), { dim: 2, ridge: 1e-9 });
    for (const context of [
      [1, 0, 1, 0, 0],
      [0, -1, 0, 0, 1],
    ])
      fitted(one.weight, one.bias, context).forEach((mean, j) =>
        expect(mean).toBeCloseTo(fitted(other.weight, other.bias, context)[j]!, 6),
      );
    one.factor.forEach((row, i) => expect(row[i]! / other.factor[i]![i]!).toBeCloseTo(1, 1));
  });

  it('the regression does not depend on the scale of the weights, and ignores rows of weight 0', () => {
    const { y, c } = data(100);
    const weights = uniforms(key(4), 100).map((w, r) => (r >= 60 ? 0 : w + 0.1));
    const one = fitRegression(y, c, { dim: 2, weights });
    const scaled = fitRegression(y, c, { dim: 2, weights: weights.map((w) => 1000 * w) });
    const fewer = fitRegression(y.subarray(0, 120), c.subarray(0, 300), { dim: 2, weights: weights.subarray(0, 60) });
    for (const other of [scaled, fewer])
      for (const name of ['weight', 'factor'] as const)
        one[name].forEach((row, i) => row.forEach((entry, j) => expect(other[name][i]![j]!).toBeCloseTo(entry, 10)));
  });

  it('without a context, `fitRegression` returns the mean, and the covariance shrunk towards its diagonal', () => {
    const y = Float64Array.of(1, 2, 3, 5, 5, 5);
    const { weight, bias, factor } = fitRegression(y, [], { dim: 2 });
    expect([weight, bias]).toEqual([
      [[], []],
      [3, 4],
    ]);
    // The variances are 4 and 3, and the covariance is 3. The shrinkage multiplies the covariance by 3 / (3 + 3).
    expect(factor[0]![0]!).toBeCloseTo(2, 12);
    expect(factor[0]![0]! * factor[1]![0]!).toBeCloseTo(1.5, 12);
    expect(factor[1]![0]! ** 2 + factor[1]![1]! ** 2).toBeCloseTo(3, 12);
  });

  it.each([
    ['2 rows of 5 columns', 2, 5, 0],
    ['3 rows with 8 entries of context', 3, 2, 8],
    ['30 rows with 60 entries of context', 30, 4, 60],
  ] as const)('the covariance of the residuals is positive definite for %s', (_name, n, d, m) => {
    const { factor, weight, bias } = fitRegression(normals(key(5), n * d), normals(key(6), n * m), { dim: d });
    factor.forEach((row, i) => expect(row[i]!).toBeGreaterThan(1e-4));
    expect([...weight.flat(), ...bias, ...factor.flat()].every(Number.isFinite)).toBe(true);
  });

  it('if the context determines a column exactly, its residual variance is 1e-6 of its variance', () => {
    const c = normals(key(7), 200);
    const { factor } = fitRegression(c, c, { dim: 1, ridge: 0 });
    const mean = c.reduce((sum, x) => sum + x / 200, 0);
    const variance = c.reduce((sum, x) => sum + (x - mean) ** 2 / 200, 0);
    expect(factor[0]![0]! / Math.sqrt(variance)).toBeCloseTo(1e-3, 6);
  });

  it('the estimated variance of the noise is unbiased, although the context has many entries', () => {
    // There are 40 context entries of pure noise and 80 rows, so the residuals of least squares have only half of the
    // variance. The test averages 30 fits.
    const variances = Array.from({ length: 30 }, (_, i) => {
      const { factor } = fitRegression(normals(key(100 + i), 80), normals(key(200 + i), 80 * 40), {
        dim: 1,
        ridge: 1e-6,
      });
      return factor[0]![0]! ** 2;
    });
    // One variance has a standard error of sqrt(2 / 39) = 0.23, so the mean of 30 variances has a standard error of
    // 0.042. The tolerance is four times 0.042.
    expect(Math.abs(variances.reduce((sum, v) => sum + v / 30, 0) - 1)).toBeLessThan(0.17);
  });

  it.each([
    ['an incomplete row', () => fitRegression([1, 2, 3], [], { dim: 2 }), 'shape', /Incomplete rows/],
    ['a row without a context', () => fitRegression([1, 2, 3], [1, 2], { dim: 1 }), 'shape', /Incomplete rows/],
    ['one row', () => fitRegression([1, 2], [], { dim: 2 }), 'input', /Too few rows: expected at least 2, got 1/],
    ['one positive weight', () => fitRegression([1, 2], [], { dim: 1, weights: [1, 0] }), 'input', /Too few rows/],
    [
      'a constant column',
      () => fitRegression([1, 5, 2, 5], [], { dim: 2 }),
      'input',
      /Column 1 is constant.*5 in every row/,
    ],
    ['a constant column with a large mean', () => fitRegression([1e9, 1e9, 1e9], [], { dim: 1 }), 'input', /constant/],
    ['NaN', () => fitRegression([1, Number.NaN], [], { dim: 1 }), 'input', /finite numbers/],
    ['an infinite context', () => fitRegression([1, 2], [1, Infinity], { dim: 1 }), 'input', /finite numbers/],
    ['a negative weight', () => fitRegression([1, 2], [], { dim: 1, weights: [1, -1] }), 'option', /Wrong weights/],
    ['a negative ridge', () => fitRegression([1, 2], [], { dim: 1, ridge: -1 }), 'option', /Wrong ridge/],
    ['no columns', () => fitRegression([], [], { dim: 0 }), 'option', /Wrong dimension/],
    [
      'a constant context without a ridge',
      () => fitRegression([1, 2, 4], [1, 1, 1], { dim: 1, ridge: 0 }),
      'input',
      /Entry 0 of the context depends on the entries before it/,
    ],
  ] as const)('%s is an error', (_name, fit, code, message) => {
    expect(fit).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });
});
