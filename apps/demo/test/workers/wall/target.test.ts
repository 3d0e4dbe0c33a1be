import { describe, expect, it } from 'vitest';
import * as theorem from '../../../../../packages/flows/test/theorem.ts';
import {
  bound,
  FLAT,
  GRID,
  implicitSlopes,
  residualSlopes,
  target,
  type Slopes,
  type Steepness,
} from '../../../src/workers/wall/target.ts';

const shapes: readonly Steepness[] = [
  { slope: 1, width: 0.05 },
  { slope: 3, width: 0.2 },
  { slope: 10, width: 0.5 },
  { slope: 20, width: 0.05 },
];
const slopeAt = (f: (x: number) => number, x: number): number => (f(x + 1e-6) - f(x - 1e-6)) / 2e-6;

describe('the function that the blocks learn', () => {
  it.each(shapes)('the function with slope $slope and width $width is odd and steepest at 0', (shape) => {
    const f = target(shape);
    expect(slopeAt(f, 0)).toBeCloseTo(shape.slope, 4);
    for (const x of [0.01, 0.3, 1.7]) {
      expect(f(-x)).toBeCloseTo(-f(x), 12);
      expect(slopeAt(f, x)).toBeGreaterThan(FLAT - 1e-4);
      expect(slopeAt(f, x)).toBeLessThan(shape.slope + 1e-4);
    }
    expect(slopeAt(f, 2)).toBeCloseTo(FLAT, 2);
  });

  it.each(shapes)('the function with slope $slope and width $width is steep on an interval of this width', (shape) => {
    const share = (x: number): number => (slopeAt(target(shape), x) - FLAT) / (shape.slope - FLAT);
    expect(share(shape.width / 2)).toBeGreaterThan(0.5);
    expect(share(shape.width / 2)).toBeLessThan(0.6);
    expect(share(shape.width)).toBeLessThan(0.1);
  });

  it('the function at slope 10 and width 0.5 equals the function of the documentation', () => {
    const f = target({ slope: 10, width: 0.5 });
    for (const x of GRID) expect(f(x)).toBeCloseTo(theorem.target(x), 10);
  });
});

describe('the bound on the error', () => {
  it('the bound at slope 10, width 0.5 and coefficient 0.99 equals the bound of the documentation', () => {
    expect(residualSlopes(theorem.COEFF)[1]).toBe(theorem.RESIDUAL_LIPSCHITZ);
    expect(bound({ slope: 10, width: 0.5 }, residualSlopes(theorem.COEFF))).toBeCloseTo(
      theorem.lowerBound(theorem.RESIDUAL_LIPSCHITZ),
      3,
    );
  });

  it('the bound is 0 if the block can reach the slope of the function, and increases with the slope', () => {
    expect(bound({ slope: 1.9, width: 0.5 }, residualSlopes(0.99))).toBe(0);
    expect(bound({ slope: 20, width: 0.05 }, implicitSlopes(0.99))).toBe(0);
    const bounds = [3, 5, 10, 20].map((slope) => bound({ slope, width: 0.3 }, residualSlopes(0.99)));
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(bounds[0]).toBeGreaterThan(0);
  });

  it('at coefficient 0.5 the bound is positive for flat functions, because every slope of a block is near 1', () => {
    // From -2 to 2 a residual block with this coefficient rises by at least 3.5. The function rises by less, because
    // its slope is 0.1 outside its steep part.
    const shape = { slope: 1, width: 0.05 };
    expect(bound(shape, residualSlopes(0.5))).toBeGreaterThan((3.5 - 2 * target(shape)(2)) / 2 - 1e-9);
  });

  it.each([
    [{ slope: 10, width: 0.5 }, residualSlopes(0.99)],
    [{ slope: 4, width: 0.2 }, residualSlopes(0.5)],
    [{ slope: 20, width: 0.3 }, implicitSlopes(0.8)],
  ] as const)('the bound for %o is attained by a function whose slopes lie in %o', (shape, slopes) => {
    const best = nearest(shape, slopes);
    const worst = Math.max(...GRID.map(target(shape)).map((y, i) => Math.abs(y - best[i]!)));
    expect(worst).toBeCloseTo(bound(shape, slopes), 5);
  });
});

/**
 * Returns the lowest function whose slopes lie between `least` and `largest`, and whose values are at least the target
 * minus the bound.
 */
const nearest = (shape: Steepness, [least, largest]: Slopes): readonly number[] => {
  const floor = Array.from(GRID, (x) => target(shape)(x) - bound(shape, [least, largest]));
  return Array.from(GRID, (x) =>
    Math.max(
      ...floor.map((y, i) => {
        const ahead = x - GRID[i]!;
        return y + ahead * (ahead > 0 ? least : largest);
      }),
    ),
  );
};
