import { FlowError, key, normals, uniforms } from '@impflow/core';
import {
  frameOf,
  fitColumns,
  planColumns,
  valuesOf,
  withNoise,
  type CategoryColumn,
  type FitColumnsOptions,
  type MapChoice,
  type NumberColumn,
  type PlanOptions,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { fitColumnMap } from '../src/columns/fit-column-map.ts';
import { penguins, PENGUINS } from './models.ts';
import { vega } from './vega.ts';

const fit = (
  objects: readonly Readonly<Record<string, unknown>>[],
  plan: PlanOptions = {},
  options: FitColumnsOptions = {},
) => {
  const frame = frameOf(objects, 'file.csv');
  return fitColumns(frame, planColumns(frame, plan), options);
};

const thrown = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof FlowError) return error.message;
    throw error;
  }
  return 'nothing';
};

describe('fitColumns', () => {
  it('fitColumns finds the categories of the penguins in order of decreasing frequency, and the grid of each number', () => {
    const { columns, maps } = fitColumns(penguins(), planColumns(penguins(), { given: [PENGUINS.mass] }));
    expect(columns[0]).toEqual({ kind: 'category', name: 'Species', levels: ['Adelie', 'Gentoo', 'Chinstrap'] });
    expect(columns.find(({ name }) => name === PENGUINS.flipper)).toMatchObject({ kind: 'number', resolution: 1 });
    expect(columns.find(({ name }) => name === PENGUINS.bill)).toMatchObject({ kind: 'number', resolution: 0.1 });
    const {
      mean,
      scale,
      fill,
      bins = [],
    } = columns.find((column): column is NumberColumn => column.kind === 'number' && column.name === PENGUINS.mass)!;
    const masses = vega('penguins.json').flatMap((row) =>
      row['Sex'] === '.' || row[PENGUINS.mass] === null ? [] : [row[PENGUINS.mass] as number],
    );
    const average = masses.reduce((sum, value) => sum + value, 0) / masses.length;
    expect(mean).toBeCloseTo(average, 6);
    expect(scale).toBeCloseTo(
      Math.sqrt(masses.reduce((sum, value) => sum + (value - average) ** 2, 0) / masses.length),
      6,
    );
    expect(masses).toContain(fill);
    // Each bin has about a fifth of the rows.
    const counts = [...bins, Infinity].map(
      (edge, k) => masses.filter((value) => value < edge && value >= (bins[k - 1] ?? -Infinity)).length,
    );
    expect(counts.every((count) => Math.abs(count / masses.length - 0.2) < 0.05)).toBe(true);
    expect(maps).toHaveLength(3);
  });

  it('fitColumns cuts the circle of a periodic target in the widest arc without values and noise', () => {
    const hours = [22, 23, 0, 1, 2, 22, 23, 0, 1, 3, 23, 0];
    const { columns, maps } = fit(
      hours.map((hour, i) => ({ hour, x: i })),
      { periodic: { hour: 24 } },
    );
    // The cut lies between the end of hour 3 and the beginning of hour 22.
    expect(columns[0]).toMatchObject({ cut: 13, resolution: 1, start: 0 });
    expect(maps[0]).toEqual({ map: 'logit', lower: 13, upper: 37 });
    const all = fit(
      Array.from({ length: 96 }, (_, i) => ({ hour: i % 24, x: i })),
      { periodic: { hour: 24 } },
    ).columns[0] as NumberColumn;
    expect(Number.isInteger(all.cut)).toBe(true);
    const angles = fit(
      [-170, 20, 150, 170, -100].map((angle, i) => ({ angle, x: i })),
      { periodic: { angle: 360 } },
    );
    expect(angles.columns[0]).toMatchObject({ start: -180, cut: 85 });
  });

  it('the option `transform` sets the map of one column or of all columns', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ a: i + 0.5 + i * i * 1e-3, b: i % 7 }));
    expect(fit(rows, {}, { transform: 'none' }).maps).toEqual([{ map: 'identity' }, { map: 'identity' }]);
    expect(fit(rows, {}, { transform: { a: { map: 'log', lower: 0 } } }).maps[0]).toEqual({ map: 'log', lower: 0 });
    expect(thrown(() => fit(rows, {}, { transform: { c: 'auto' } }))).toMatchInlineSnapshot(
      `"[tables/fitColumns] Cannot transform "c": expected one of a, b, got "c". Only columns of numbers that are not conditions are transformed."`,
    );
    expect(
      thrown(() => fit(rows, {}, { transform: { a: { map: 'logit', lower: 0, upper: 50 } } })),
    ).toMatchInlineSnapshot(
      `"[tables/fitColumnMap] The transformation of "a" does not fit its values: expected values between 0 and 50, got 62.981. Give other bounds, or no bounds."`,
    );
    expect(thrown(() => fit(rows, {}, { transform: { a: { map: 'log', lower: 0.5 } } }))).toMatchInlineSnapshot(
      `"[tables/fitColumnMap] The transformation of "a" does not fit its values: expected values above 0.5, got 0.5. Give other bounds, or no bounds."`,
    );
    // The noise begins at the bound, and no noisy value lies exactly on the bound.
    const { columns, maps } = fit(rows, {}, { transform: { b: { map: 'logit', lower: 0, upper: 7 } } });
    expect(maps[1]).toEqual({ map: 'logit', lower: 0, upper: 7 });
    const noisy = withNoise(valuesOf(frameOf(rows, 'f'), columns), columns, key(1)).columns[1]!;
    expect(noisy.every((value) => Math.fround(value) > 0 && Math.fround(value) < 7)).toBe(true);
  });

  it('a column keeps its hundred most frequent categories, and a remark tells the other categories of the training rows from unseen categories', () => {
    const rows = Array.from({ length: 900 }, (_, i) => ({ c: `c${i % 120}`, x: i }));
    rows.push(...Array.from({ length: 120 }, (_, i) => ({ c: `c${i % 100}`, x: i })));
    const { columns } = fit(rows);
    expect(columns[0]).toMatchObject({ kind: 'category' });
    expect((columns[0] as CategoryColumn).levels).toHaveLength(100);
    expect(valuesOf(frameOf([...rows, { c: 'new', x: 1 }], 'f'), columns).remarks).toEqual([
      'c: 140 cells hold rare categories ("c100", "c101", "c102", …). The model keeps the 100 most frequent of 120 categories, and does not tell the others apart. The density gives the total probability of all rare and unseen categories.',
      'c: 1 cell holds a category that training did not see ("new"). The density gives the total probability of all rare and unseen categories.',
    ]);
  });
});

describe('fitColumnMap', () => {
  const n = 2000;
  const z = normals(key(1), n);
  const place = { offset: 0, resolution: 0 };
  const of = (values: Float64Array, choice: MapChoice = 'auto') => fitColumnMap('x', values, choice, place).map;

  it('fitColumnMap chooses the right map for normal, positive, bounded and heavy-tailed values', () => {
    expect(of(z)).toBe('identity');
    expect(of(z.map((value) => 100 + value))).toBe('identity');
    expect(of(z.map((value) => Math.exp(value)))).toBe('log');
    expect(of(z.map((value) => 1 / (1 + Math.exp(-2 * value))))).toBe('logit');
    expect(of(uniforms(key(2), n).map((u) => Math.tan(Math.PI * (u - 0.5))))).toBe('asinh');
  });

  it('fitColumnMap returns a map for numbers from which the offset is subtracted', () => {
    const map = fitColumnMap(
      'x',
      z.map((value) => Math.exp(value) - 50),
      'auto',
      { offset: 50, resolution: 0 },
    );
    expect(map).toEqual({ map: 'log', lower: -50 });
    expect(
      fitColumnMap(
        'x',
        Float64Array.of(-49, -40),
        { map: 'logit', lower: 0, upper: 20 },
        { offset: 50, resolution: 0 },
      ),
    ).toEqual({ map: 'logit', lower: -50, upper: -30 });
  });

  it('fitColumnMap chooses a logarithm for whole numbers from 0 on, because their noise begins at the bound', () => {
    const counts = z.map((value) => Math.floor(Math.exp(1.5 * value)) + 0.5);
    expect(fitColumnMap('x', counts, 'auto', { offset: 0, resolution: 1 })).toEqual({ map: 'log', lower: 0 });
    const amounts = Float64Array.from([0, ...z.map((value) => Math.exp(value))]);
    expect(of(amounts)).not.toBe('log');
    // The noise of a spike at 0 begins at the bound, and other cells may lie within the noise.
    amounts[0] = 0.5;
    const spike = { offset: 0, resolution: 1, noisy: [0.5] };
    expect(fitColumnMap('x', amounts, 'auto', spike)).toEqual({ map: 'log', lower: 0 });
    amounts[1] = 0;
    expect(fitColumnMap('x', amounts, 'auto', spike).map).not.toBe('log');
  });
});
