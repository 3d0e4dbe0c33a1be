import { expect, it } from 'vitest';
import { CLOSE, leftSide, leftSlope, rightSide, rightSlope, rootFor, searchFor } from '../../src/tour/divide-curve.ts';

const INPUTS = Array.from({ length: 201 }, (_, i) => (i - 100) / 100);

it('the search ends at the root after at most nine guesses, for every input that the slider offers', () => {
  for (const x of INPUTS) {
    const guesses = searchFor(x);
    expect(guesses.length).toBeLessThanOrEqual(9);
    expect(Math.abs(leftSide(guesses.at(-1)!) - rightSide(x))).toBeLessThanOrEqual(CLOSE);
    expect(guesses.at(-1)!).toBeCloseTo(rootFor(x), 1);
  }
});

it('the slope of the block is the slope of the right side divided by the slope of the left side: 19 in the middle', () => {
  for (const x of [-0.7, -0.05, 0, 0.3]) {
    const slope = (rootFor(x + 1e-5) - rootFor(x - 1e-5)) / 2e-5;
    expect(slope / (rightSlope(x) / leftSlope(rootFor(x)))).toBeCloseTo(1, 3);
  }
  expect(rightSlope(0) / leftSlope(rootFor(0))).toBeCloseTo(19, 6);
});

it('both sides rise everywhere, by less than 2', () => {
  for (const x of INPUTS)
    for (const slope of [leftSlope(x), rightSlope(x)]) {
      expect(slope).toBeGreaterThan(0);
      expect(slope).toBeLessThan(2);
    }
});
