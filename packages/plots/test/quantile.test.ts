import { expect, it } from 'vitest';
import { quantile } from '../src/quantile.ts';

it('`quantile` interpolates linearly between the finite values', () => {
  expect([quantile([3, 1, Number.NaN, 2], 0.5), quantile([1, 2], 0.25), quantile([], 0.5)]).toEqual([
    2,
    1.25,
    Number.NaN,
  ]);
});
