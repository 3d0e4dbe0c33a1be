import { describe, expect, it } from 'vitest';
import type { WallCurve, WallRequest } from '../../src/protocol/wall.ts';
import { curveData, errorData } from '../../src/views/wall-charts.ts';
import { curvesInWords, errorsInWords, resultInWords, wallInWords } from '../../src/views/wall-words.ts';
import { GRID, target } from '../../src/workers/wall/target.ts';

const STEEP: WallRequest = { slope: 10, width: 0.5, coeff: 0.99, seed: 0 };
const wanted = GRID.map(target(STEEP));
/** Curves of a fit in which each block differs from the function by a constant. */
const CURVE: WallCurve = {
  x: GRID,
  target: wanted,
  implicit: wanted.map((y) => y + 0.03),
  residual: wanted.map((y) => y - 2),
  step: 500,
  largestError: { implicit: 0.03, residual: 2 },
  parameters: { implicit: 2306, residual: 2497 },
  bound: 1.9378,
};

describe('descriptions of a fit', () => {
  it('if a residual block cannot reach the slope, the explanation contains the bound on its error', () => {
    expect(wallInWords(STEEP)).toBe(
      'A residual block can rise by at most 1.97 per unit of x; here it would have to rise by 10. ' +
        'So its largest error is at least 1.94, ' +
        'however wide its net is and however long it trains. An implicit block with the same limit can have slopes ' +
        'from 0.015 to 66.3, which is all that the function needs.',
    );
  });

  it('if a residual block can reach the slope, the explanation contains no bound', () => {
    expect(wallInWords({ ...STEEP, slope: 1.5 })).toContain(
      '1.97 per unit of x, and here 1.5 is enough. There is no wall:',
    );
  });

  it('for small coefficients, the explanation says that both blocks are neither flat enough nor steep enough', () => {
    const said = wallInWords({ ...STEEP, coeff: 0.5 });
    expect(said).toContain(
      'Nor can it rise by less than 0.875, and away from the middle the function rises by only 0.1.',
    );
    expect(wallInWords({ ...STEEP, slope: 1, coeff: 0.5 })).toContain(
      'here 1 is enough. But it cannot rise by less than 0.875,',
    );
    expect(said).toContain('can have slopes from 0.78 to 1.29: its error can be smaller, but not below 2.24.');
  });

  it('the message at the end of a fit and the descriptions of both charts contain numbers', () => {
    expect(resultInWords(CURVE)).toBe(
      'Fitted in 500 steps: the implicit block is at most 0.0300 off, the residual block 2.00, and no residual block gets below 1.94.',
    );
    expect(curvesInWords(STEEP, CURVE)).toContain(
      'After 500 steps the implicit block is at most 0.0300 away from it, the residual block 2.00.',
    );
    expect(errorsInWords(STEEP, CURVE)).toContain('the largest error of a residual block is at least 1.94');
    expect(resultInWords({ ...CURVE, bound: 0 })).toMatch(
      /2\.00, and longer training could make both errors smaller\.$/,
    );
    expect(errorsInWords({ ...STEEP, slope: 1 }, CURVE)).toContain('the error of a residual block can be 0.');
    expect(curvesInWords(STEEP, undefined)).toContain('Nothing is fitted to it yet.');
    expect(errorsInWords(STEEP, undefined)).toContain('Nothing is fitted yet');
  });
});

describe('charts of a fit', () => {
  it('before any fit, the chart of the curves shows only the function', () => {
    const {
      columns: [x, once, again, residual, implicit],
    } = curveData(STEEP, undefined);
    expect(x).toEqual(Array.from(GRID));
    expect(once!.at(-1)).toBeCloseTo(target(STEEP)(2), 10);
    expect(again).toBe(once);
    expect([...residual!, ...implicit!].every((y) => y === null)).toBe(true);
  });

  it('the chart of the errors shows the error of each block', () => {
    const {
      columns: [, residual, implicit],
    } = errorData(STEEP, CURVE);
    for (const [i] of GRID.entries()) {
      expect(residual![i]).toBeCloseTo(-2, 5);
      expect(implicit![i]).toBeCloseTo(0.03, 5);
    }
  });

  it('the axes of both charts contain the function and the bound, and do not change during a fit', () => {
    expect(curveData(STEEP, CURVE).y).toEqual(curveData(STEEP, undefined).y);
    expect(errorData(STEEP, CURVE).y).toEqual(errorData(STEEP, undefined).y);
    for (const slope of [1, 10, 20])
      for (const width of [0.05, 0.5])
        for (const coeff of [0.5, 0.99]) {
          const request = { slope, width, coeff, seed: 0 };
          expect(curveData(request, undefined).y[1]).toBeGreaterThan(target(request)(2));
          expect(errorData(request, undefined).y[1]).toBeGreaterThan(0.2);
        }
  });
});
