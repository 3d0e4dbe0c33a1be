import { expect, test } from 'vitest';
import { along, begun, changed, emptyDrawing, erased, puffed, scatter, undone } from '../../src/views/drawing.ts';

test('the random numbers of the drawing pad are uniform in [0, 1) and depend only on the seed', () => {
  const [a, b] = [scatter(7), scatter(7)];
  const values = Array.from({ length: 20_000 }, a);
  expect(values.slice(0, 5)).toEqual(Array.from({ length: 5 }, b));
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  // The mean and the second moment agree with a uniform distribution within five standard errors.
  expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 20_000 - 1 / 2)).toBeLessThan(
    5 * Math.sqrt(1 / 12 / 20_000),
  );
  expect(Math.abs(values.reduce((sum, value) => sum + value ** 2, 0) / 20_000 - 1 / 3)).toBeLessThan(
    5 * Math.sqrt(4 / 45 / 20_000),
  );
});

test('added points have a Gaussian distribution with the chosen spread, and stay on the drawing pad', () => {
  const points = puffed([], [1, -2], 0.3, 5000, scatter(1));
  const [xs, ys] = [points.filter((_, i) => i % 2 === 0), points.filter((_, i) => i % 2 === 1)];
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(xs).toHaveLength(5000);
  for (const [values, center] of [
    [xs, 1],
    [ys, -2],
  ] as const) {
    expect(Math.abs(mean(values) - center)).toBeLessThan((5 * 0.3) / Math.sqrt(5000));
    expect(Math.sqrt(mean(values.map((value) => (value - center) ** 2)))).toBeCloseTo(0.3, 1);
  }
  expect(puffed([], [4, 4], 0.5, 100, scatter(2)).every((value) => Math.abs(value) <= 4)).toBe(true);
});

test('a drawing has at most 20,000 points', () => {
  const full = puffed([], [0, 0], 0.5, 30_000, scatter(1));
  expect(full).toHaveLength(40_000);
  expect(puffed(full, [0, 0], 0.5, 10, scatter(1))).toBe(full);
});

test('the eraser removes only points within its radius', () => {
  expect(erased([0, 0, 1, 1, 0.1, 0], [0, 0], 0.2)).toEqual([1, 1]);
  const points = [3, 3];
  expect(erased(points, [0, 0], 0.2)).toBe(points);
});

test('undo restores the points before each stroke', () => {
  const first = changed(begun(emptyDrawing), [1, 1]);
  const second = changed(begun(first), [1, 1, 2, 2]);
  expect(undone(second).points).toEqual([1, 1]);
  expect(undone(undone(second))).toEqual(emptyDrawing);
  expect(undone(emptyDrawing)).toEqual(emptyDrawing);
});

test('positions along a stroke cover its whole length, and the last position is the end of the stroke', () => {
  const places = along([0, 0], [1, 0], 0.3);
  expect(places).toHaveLength(4);
  expect(places.at(-1)).toEqual([1, 0]);
  expect(along([0, 0], [0, 0], 0.3)).toEqual([[0, 0]]);
});
