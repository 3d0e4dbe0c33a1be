import { expect, test } from 'vitest';
import { lossData, lossInWords } from '../../src/views/loss-data.ts';
import { align, decades, quantile, robustRange, thin } from '../../src/views/series.ts';
import { solveData, solvesInWords } from '../../src/views/solve-data.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('thinning a series averages groups of points, keeps the last step, and returns at most the requested number of points', () => {
  const x = upTo(1003);
  const thinned = thin(
    x,
    x.map((step) => 2 * step),
    100,
  );
  expect(thinned.x.length).toBeLessThanOrEqual(100);
  expect(thinned.x.at(-1)).toBe(1003);
  expect(thinned.y[0]).toBeCloseTo((2 * (1 + thinned.x[0]!)) / 2, 9);
  const few = thin([1, 2], [3, 4], 100);
  expect(few).toEqual({ x: [1, 2], y: [3, 4] });
});

test('in merged series, a column is undefined where its series has no point; null in a series stays null', () => {
  expect(
    align([
      { x: [1, 3, 5], y: [10, null, 50] },
      { x: [2, 3], y: [7, 8] },
      { x: [], y: [] },
    ]),
  ).toEqual([
    [1, 2, 3, 5],
    [10, undefined, null, 50],
    [undefined, 7, 8, undefined],
    [undefined, undefined, undefined, undefined],
  ]);
  expect(align([])).toEqual([[]]);
});

test('the limits of the loss axis exclude the first losses, outliers and NaN, and include the entropy of the data', () => {
  const losses = upTo(400).map((step) => 2.5 + 400 * Math.exp(-step / 4));
  losses[300] = 90;
  losses[10] = Infinity;
  losses[11] = NaN;
  const [low, high] = robustRange([losses], [2.42])!;
  expect(low).toBeLessThan(2.42);
  expect(low).toBeGreaterThan(2);
  expect(high).toBeLessThan(40);
  expect(high).toBeGreaterThan(2.5);
  expect(robustRange([[], [NaN]])).toBeUndefined();
});

test('quantiles are interpolated between adjacent values', () => {
  expect(quantile([1, 2, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(quantile([5], 0.9)).toBe(5);
});

test('`decades` returns two powers of ten that enclose all positive values', () => {
  expect(decades([3e-5, 0.2, 0, NaN])).toEqual([1e-5, 1]);
  expect(decades([1], [2e-6])![0]).toBeCloseTo(1e-6, 12);
  expect(decades([2, 3])).toEqual([1, 10]);
  expect(decades([0, -1])).toBeUndefined();
});

test('the loss chart has two columns per model, starts at step 0, and has finite limits even without data', () => {
  const history = {
    steps: upTo(2000),
    losses: upTo(2000).map((step) => 2 + 9 / step),
    seconds: upTo(2000).map((step) => step / 100),
    heldOut: [
      { step: 500, nats: 2.1, standardError: 0.05 },
      { step: 2100, nats: 2.05, standardError: 0.04 },
    ],
  };
  const { columns, x, y } = lossData([history, { steps: [], losses: [], seconds: [], heldOut: [] }], 1.9);
  expect(columns).toHaveLength(5);
  expect(columns[0]!.length).toBeLessThan(700);
  expect(x).toEqual([0, 2100]);
  expect(y[0]).toBeLessThan(1.9);
  expect(columns[2]!.filter((value) => typeof value === 'number')).toEqual([2.1, 2.05]);
  expect(lossData([], undefined)).toEqual({ columns: [[]], x: [0, 10], y: [0, 4] });
  expect(lossInWords(history, history.heldOut.at(-1), 1.9)).toEqual({
    training: '2.005',
    heldOut: '2.050 ± 0.040',
    gap: '0.150',
  });
  expect(lossInWords({ losses: [] }, undefined, 1.9)).toEqual({ training: '–', heldOut: '–', gap: '–' });
});

test('the residual chart has the median and the largest residual of each block, and omits residuals of 0', () => {
  const curves = [
    {
      label: 'implicit block 1',
      median: [1, 1e-3, 0],
      largest: [3, 1e-2, 2e-7],
      solver: 'newton',
      unconverged: 0,
      tolerance: 1e-6,
    },
    { label: 'implicit block 2', median: [2], largest: [4], solver: 'newton', unconverged: 1 },
  ];
  const { columns, x, y } = solveData(curves);
  expect(columns).toEqual([
    [0, 1, 2],
    [1, 1e-3, null],
    [3, 1e-2, 2e-7],
    [2, null, null],
    [4, null, null],
  ]);
  expect(x).toEqual([0, 2]);
  expect(y[0]).toBeCloseTo(1e-7, 15);
  expect(y[1]).toBe(10);
  expect(solvesInWords(curves)).toBe(
    'After at most 2 steps of newton, the largest residual is 4.0. 1 row did not come below the tolerance.',
  );
});
