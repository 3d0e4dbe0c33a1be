import { expect, test } from 'vitest';
import { count, fixed, format, raised, ticksOf } from '../../src/axes.ts';

test.each([
  [-4, 4, 6, ['−4', '−2', '0', '2', '4']],
  [-180, 180, 6, ['−100', '0', '100']],
  [0, 1, 6, ['0', '0.2', '0.4', '0.6', '0.8', '1.0']],
  [0.301, 0.309, 6, ['0.302', '0.304', '0.306', '0.308']],
  [1e6, 5e6, 6, ['1·10⁶', '2·10⁶', '3·10⁶', '4·10⁶', '5·10⁶']],
  [0, 3e-6, 4, ['0', '1·10⁻⁶', '2·10⁻⁶', '3·10⁻⁶']],
] as const)('an axis from %d to %d has round numbers as ticks', (low, high, most, labels) => {
  expect(ticksOf(low, high, most).map(({ label }) => label)).toEqual(labels);
});

test('the ticks of an axis are inside its interval, evenly spaced, and at most as many as requested', () => {
  for (const [low, high] of [
    [-3.7, 2.9],
    [12.34, 99.1],
    [-0.003, 0.0041],
    [5000, 5100.5],
  ] as const) {
    for (const most of [3, 5, 8]) {
      const at = ticksOf(low, high, most).map((tick) => tick.at);
      expect(at.length).toBeGreaterThanOrEqual(1);
      expect(at.length).toBeLessThanOrEqual(most);
      expect(at.every((value) => value >= low - 1e-9 && value <= high + 1e-9)).toBe(true);
      const gaps = at.slice(1).map((value, i) => value - at[i]!);
      expect(gaps.every((gap) => Math.abs(gap - gaps[0]!) < 1e-9 * Math.max(1, Math.abs(high)))).toBe(true);
    }
  }
});

test('an axis without a valid interval has no ticks', () => {
  for (const [low, high] of [
    [1, 1],
    [2, 1],
    [NaN, 1],
    [0, Infinity],
  ] as const)
    expect(ticksOf(low, high)).toEqual([]);
});

test('numbers are formatted with a typographic minus sign, powers of ten and thousands separators', () => {
  expect([0, 1.23456, -0.5, 1234.5, 3.1e-7, -2.5e9, NaN, Infinity, -Infinity].map((value) => format(value))).toEqual([
    '0',
    '1.23',
    '−0.500',
    '1235',
    '3.10·10⁻⁷',
    '−2.50·10⁹',
    'no number',
    '∞',
    '−∞',
  ]);
  expect(fixed(-1.005, 1)).toBe('−1.0');
  expect(raised(-12)).toBe('⁻¹²');
  expect(count(12800)).toBe('12,800');
});
