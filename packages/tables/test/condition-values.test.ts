import { describe, expect, it } from 'vitest';
import type { RecordsSpec } from '../src/columns/spec.ts';
import { assertDrawn, assertTemperature } from '../src/density/assert-drawn.ts';
import { conditionValues } from '../src/density/condition-values.ts';
import { frameOf } from '../src/read/frame-of.ts';

const spec = {
  columns: [
    { kind: 'number', name: 'price' },
    { kind: 'number', name: 'day', date: 'days', offset: 18_000 },
    { kind: 'number', name: 'u', given: true, range: [1, 3], offset: 10, mean: 2, scale: 1 },
  ],
  flow: {
    blocks: [
      {
        kind: 'columnMaps',
        maps: [
          { map: 'log', lower: 0 },
          { map: 'asinh', center: 0, scale: 0.01 },
        ],
      },
    ],
  },
} as unknown as RecordsSpec;
const given = (u: number) => frameOf([{ u }], 'given');

describe('`conditionValues`', () => {
  it('accepts a number inside the training values', () => {
    const { columns, remarks } = conditionValues(spec, given(13), 2);
    expect([columns.map((column) => [...column]), remarks]).toEqual([
      [
        [NaN, NaN],
        [NaN, NaN],
        [3, 3],
      ],
      [],
    ]);
  });

  it('remarks on a number outside the training values, and refuses one that is far outside', () => {
    expect(conditionValues(spec, given(15), 1).remarks).toEqual([
      'The condition "u" is 15, outside the training values 11 to 13: the draws are an extrapolation.',
    ]);
    for (const u of [1e38, -1e38, 33.1])
      expect(() => conditionValues(spec, given(u), 1)).toThrow(
        'The condition "u" is far outside the training values: expected a value near 11 to 13, at most 10 times this range away',
      );
  });
});

describe('`assertDrawn`', () => {
  const drawn = (price: number, day: number) => ({
    rows: 2,
    columns: [Float64Array.of(1, price), Float64Array.of(0, day), Float64Array.of(2, 2)],
    remarks: [],
  });

  it.each([
    ['a number that is not finite', NaN, 0, 'finite numbers in the column "price", got NaN'],
    ['the largest number of a logarithmic map', Math.fround(1e37), 0, 'finite numbers in the column "price"'],
    ['the smallest number of a logarithmic map', Math.fround(1e-30), 0, 'finite numbers in the column "price"'],
    ['a date beyond the year 275760', 1, 1.1e8, 'dates in the years -271821 to 275760 in the column "day"'],
  ])('refuses %s', (_, price, day, words) => {
    expect(() => assertDrawn(drawn(price, day), spec, 2)).toThrow(`Draws overflow in 1 of 2 rows: expected ${words}`);
  });

  it('accepts other draws', () => {
    expect(() => assertDrawn(drawn(1e30, 2e6), spec)).not.toThrow();
  });
});

it('`assertTemperature` accepts numbers above 0 and at most 10', () => {
  for (const temperature of [1e-9, 1, 10]) expect(() => assertTemperature(temperature, 'test')).not.toThrow();
  for (const temperature of [0, -1, 10.1, 1e38, Infinity, NaN])
    expect(() => assertTemperature(temperature, 'test')).toThrow('expected a number above 0 and at most 10');
});
