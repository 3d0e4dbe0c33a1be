import { frameOf, rowWeights } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

describe('rowWeights', () => {
  it('rowWeights returns the numbers of the column', () => {
    expect(
      rowWeights(
        frameOf(
          [
            { w: 0, x: 'a' },
            { w: 2.5, x: 1 },
          ],
          'rows',
        ),
        'w',
      ),
    ).toEqual(Float64Array.of(0, 2.5));
  });

  it.each([
    [-1, '-1'],
    [Infinity, 'Infinity'],
    [null, 'none'],
    ['much', 'none'],
  ])('rowWeights refuses %s, and the error message contains the row', (weight, got) => {
    expect(() => rowWeights(frameOf([{ w: 1 }, { w: weight }], 'rows'), 'w')).toThrow(
      `Wrong weight in the column "w" of rows, row 2: expected a number of at least 0, got ${got}`,
    );
  });

  it('rowWeights refuses a frame without the column of weights', () => {
    expect(() => rowWeights(frameOf([{ x: 1 }], 'rows'), 'w')).toThrow('No column "w" in rows');
  });
});
