import { key, normals, uniforms } from '@impflow/core';
import { fitQuantiles, type NumberRows } from '@impflow/tables';
import { expect, it } from 'vitest';

const column = (values: Float64Array): NumberRows => ({
  columns: ['x'],
  rows: values.length,
  values: Float32Array.from(values),
  source: 'test',
});

/** Maps a number by linear interpolation between knots. */
const mapped = (table: NumberRows, x: number): number => {
  const {
    knots: [knots],
    levels,
  } = fitQuantiles(table);
  const k = Math.max(0, Math.min(levels.length - 2, knots!.filter((knot) => knot <= x).length - 1));
  return levels[k]! + ((x - knots![k]!) / (knots![k + 1]! - knots![k]!)) * (levels[k + 1]! - levels[k]!);
};

it('the levels of fitQuantiles are quantiles of the normal distribution, as in scipy.stats.norm.ppf', () => {
  const { levels } = fitQuantiles(column(normals(key(1), 1000)));
  expect(levels).toHaveLength(35);
  expect(levels[17]).toBeCloseTo(0, 10);
  // The expected values are ppf(1/32), ppf(1/4) and ppf(0.5/1000).
  expect(levels[2]).toBeCloseTo(-1.8627318674, 8);
  expect(levels[9]).toBeCloseTo(-0.6744897502, 8);
  expect(levels[1]).toBeCloseTo(-3.2905267315, 8);
  expect(levels.at(-2)).toBeCloseTo(3.2905267315, 8);
});

it('the map of fitQuantiles makes a skewed column normal', () => {
  const table = column(uniforms(key(2), 20_000).map((u) => Math.exp(3 * u)));
  for (const share of [0.05, 0.3, 0.5, 0.8])
    expect(mapped(table, Math.exp(3 * share))).toBeCloseTo(mapped(column(uniforms(key(3), 20_000)), share), 1);
});

it('fitQuantiles uses fewer knots for few rows, and the knots are ascending even if values repeat', () => {
  expect(fitQuantiles(column(normals(key(4), 142))).levels).toHaveLength(10);
  const {
    knots: [knots],
  } = fitQuantiles(column(Float64Array.from({ length: 100 }, (_, i) => (i < 60 ? 0 : i))));
  for (let k = 1; k < knots!.length; k++) expect(knots![k]).toBeGreaterThan(knots![k - 1]!);
  expect(() => fitQuantiles(column(new Float64Array(5)))).toThrow('The column "x" of test has no quantiles');
});
