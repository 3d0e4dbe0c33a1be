import { fold, key, normals, uniforms } from '@impflow/core';
import {
  describeColumns,
  frameOfValues,
  withNoise,
  type ColumnSummary,
  type NamedNumbers,
  type NumberColumn,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';

/** Converts rows of numbers to columns with the given names. */
const columnsOf = (names: readonly string[], rows: readonly (readonly number[])[]): readonly NamedNumbers[] =>
  names.map((name, j) => ({ name, numbers: rows.map((row) => row[j]!) }));
const summary = (numbers: ArrayLike<number>): ColumnSummary => describeColumns([{ name: 'x', numbers }])[0]!;
/** Returns `count` successive whole numbers from `first` on, each four times. */
const steps = (count: number, first = 0): readonly number[] =>
  Array.from({ length: 4 * count }, (_, i) => first + Math.floor(i / 4));
/** Returns decimal numbers with `digits` decimals, rounded as in a text file. */
const decimals = (count: number, first: number, digits: number): readonly number[] =>
  steps(count, first).map((k) => Number((k / 10 ** digits).toFixed(digits)));
const share = (values: ArrayLike<number>, value: number): number =>
  Array.from(values).filter((other) => other === value).length / values.length;

describe('describeColumns for values on a grid', () => {
  it.each<readonly [string, number, readonly number[]]>([
    ['tenths', 0.1, decimals(200, 0, 1)],
    ['tenths of both signs', 0.1, decimals(200, -100, 1)],
    ['tenths far from zero', 0.1, decimals(90, 90_000, 1)],
    ['hundredths of a price', 0.01, decimals(400, 99_900, 2)],
    ['thousandths', 0.001, decimals(300, 5, 3)],
    ['halves', 0.5, steps(60, -7).map((k) => k / 2)],
    ['quarters', 0.25, steps(60).map((k) => k / 4)],
    ['twentieths', 0.05, steps(60).map((k) => Number((k * 0.05).toFixed(2)))],
    ['inches in centimetres', 2.54, steps(80).map((k) => Number((k * 2.54).toFixed(2)))],
    ['25 grams', 25, steps(60, 100).map((k) => 25 * k)],
    ['thousands', 1000, steps(60, -10).map((k) => 1000 * k)],
    ['whole numbers', 1, steps(30, -3)],
    ['tenths, few of which occur', 0.1, [1.3, 2.9, 7.7, 1.3, 2.9, 7.7]],
    ['tenths that were computed in float32', 0.1, steps(100).map((k) => Math.fround(k * Math.fround(0.1)))],
    ['thirds', 1 / 3, steps(90).map((k) => k / 3)],
    ['months, in years', 1 / 12, steps(300, 500).map((k) => k / 12)],
    ['two values', 0.37, [0, 0.37, 0, 0.37]],
  ])('describeColumns finds the step of the grid in float32: %s', (_what, step, values) => {
    expect(summary(values)).toMatchObject({
      kind: step === 1 || step === 25 || step === 1000 ? 'integer' : 'grid',
      resolution: step,
    });
  });

  it('describeColumns reports no grid if values hardly repeat, or if the grid is finer than the steps of float32', () => {
    expect(summary(decimals(200, 0, 1).filter((_, i) => i % 4 === 0)).kind).toBe('continuous');
    // These are hundredths near one million, where the distance between float32 numbers is 1/16.
    expect(summary(decimals(200, 1e8, 2)).resolution).not.toBe(0.01);
    expect(summary(normals(key(1), 4000))).toMatchObject({ kind: 'continuous' });
    for (const name of ['resolution', 'atom']) expect(summary(normals(key(1), 4000))).not.toHaveProperty(name);
  });

  it('describeColumns finds no grid in a hundred columns of repeated random values', () => {
    for (let seed = 0; seed < 100; seed++) {
      const values = normals(fold(key(2), seed), 12);
      expect(summary(Array.from({ length: 48 }, (_, i) => values[i % 12]!)).kind).toBe('atoms');
    }
  });
});

describe('describeColumns for a column with an atom', () => {
  const rain = (count: number, dry: number, atom = 0): Float32Array => {
    const [days, sizes] = [uniforms(fold(key(3), 0), count), uniforms(fold(key(3), 1), count)];
    return Float32Array.from({ length: count }, (_, i) => (days[i]! < dry ? atom : atom - 5 * Math.log(sizes[i]!)));
  };

  it.each([0.42, 0.8])(
    'if a fraction %d of the values is 0, the atom is 0, and the resolution is about a hundredth of the spread',
    (dry) => {
      const values = rain(5000, dry);
      const { kind, resolution, atom } = summary(values);
      expect([kind, atom]).toEqual(['atoms', { value: 0, share: share(values, 0) }]);
      // The quartiles of an exponential distribution with mean 5 are 5 log(3) apart. Rounding down to 1, 2 or 5 reduces
      // the width by a factor of at most 2.5.
      expect(resolution).toBeGreaterThan((0.9 * 5 * Math.log(3)) / 100 / 2.5);
      expect(resolution).toBeLessThan((1.1 * 5 * Math.log(3)) / 100);
    },
  );

  it('the resolution does not shrink if rows are added, although the smallest distance between values shrinks', () => {
    const [few, many] = [rain(1000, 0.42), rain(64_000, 0.42)].map((values) => summary(values).resolution!);
    expect(few! / many!).toBeLessThanOrEqual(2.5);
    expect(few! / many!).toBeGreaterThanOrEqual(0.4);
  });

  it('a column keeps its atom after noise is added and then removed by rounding, also if the atom is not zero', () => {
    for (const atom of [0, 99.97, -3.21]) {
      const values = rain(4000, 0.3, atom);
      const resolution = summary(values).resolution!;
      const spec: NumberColumn = { kind: 'number', name: 'x', resolution };
      const noisy = withNoise({ rows: 4000, columns: [Float64Array.from(values)], remarks: [] }, [spec], key(4));
      expect(summary(noisy.columns[0]!).kind).toBe('continuous');
      const back = frameOfValues(noisy, [spec], 'back').columns[0]!.numbers;
      const close = back.filter((value) => Math.abs(value - atom) <= 1e-6 * Math.abs(atom));
      expect(new Set(close).size).toBe(1);
      expect(close.length / 4000).toBeGreaterThanOrEqual(share(values, Math.fround(atom)) - 1 / 4000);
      expect(Math.max(...back.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThanOrEqual(1.001 * resolution);
    }
  });

  it('if only some values are frequent, they are the spikes: only they get noise, and rounding returns all cells', () => {
    const sizes = rain(4000, 0.3);
    const values = sizes.map((value, i) => (i % 10 === 0 ? 25 : Math.fround(Number(value.toFixed(3)))));
    const { kind, resolution, spikes } = summary(values);
    expect([kind, spikes]).toEqual(['atoms', [0, 25]]);
    const spec: NumberColumn = { kind: 'number', name: 'x', resolution: resolution!, spikes: spikes! };
    const cells = Float64Array.from(values);
    const noisy = withNoise({ rows: 4000, columns: [cells], remarks: [] }, [spec], key(4)).columns[0]!;
    const isSpike = (value: number): boolean => value === 0 || value === 25;
    expect(cells.every((value, row) => isSpike(value) || noisy[row] === value)).toBe(true);
    expect(
      cells.every((value, row) => !isSpike(value) || (noisy[row]! > value && noisy[row]! < value + resolution!)),
    ).toBe(true);
    expect(new Set(noisy.filter((_, row) => isSpike(cells[row]!))).size).toBeGreaterThan(1400);
    const back = frameOfValues({ rows: 4000, columns: [noisy], remarks: [] }, [spec], 'back').columns[0]!.numbers;
    const near = (value: number): boolean => [0, 25].some((at) => value > at && value < at + resolution!);
    expect(cells.every((value, row) => back[row] === value || near(value))).toBe(true);
  });

  it('a column is continuous if the most frequent value has fewer than five rows or at most 2 % of the rows', () => {
    const noise = Array.from(normals(key(5), 1000));
    expect(summary(noise.map((x, i) => (i < 20 ? 0.5 : x)))).toMatchObject({ kind: 'continuous' });
    expect(summary(noise.map((x, i) => (i < 21 ? 0.5 : x)))).toMatchObject({
      kind: 'atoms',
      atom: { value: 0.5, share: 0.021 },
    });
    expect(summary(noise.slice(0, 40).map((x, i) => (i < 4 ? 0.5 : x)))).toMatchObject({ kind: 'continuous' });
  });

  it('the resolution is wider than the step of the grid if hardly any value repeats except the atom', () => {
    const [draws, count] = [uniforms(key(6), 1000), 1000];
    // The distance between the quartiles of the values above zero is half of the range of these values.
    const income = Array.from({ length: count }, (_, i) => (i < 400 ? 0 : Math.floor(1e6 * draws[i]!)));
    expect(summary(income)).toMatchObject({ kind: 'atoms', resolution: 2000, atom: { value: 0, share: 0.4 } });
    const claims = Array.from({ length: count }, (_, i) => (i < 900 ? 0 : Number((800 * draws[i]!).toFixed(2))));
    expect(summary(claims)).toMatchObject({ kind: 'atoms', resolution: 2, atom: { value: 0, share: 0.9 } });
    // If the values above zero repeat, the resolution is the step of the grid.
    expect(summary(claims.map((claim) => Number((claim / 800).toFixed(1))))).toMatchObject({
      kind: 'grid',
      resolution: 0.1,
      atom: { value: 0 },
    });
  });

  it('a column with an infinite value is continuous, and missing values are ignored', () => {
    expect(summary([...rain(100, 0.5), Infinity])).toMatchObject({ kind: 'continuous', max: Infinity });
    expect(summary([...steps(20), NaN])).toMatchObject({ kind: 'integer', resolution: 1, missing: 1 });
  });
});

describe('describeColumns', () => {
  it('describeColumns returns the statistics of each column', () => {
    const [a, b, c, d] = describeColumns(
      columnsOf(
        ['a', 'b', 'c', 'd'],
        [
          [1, 0.5, 7, Number.NaN],
          [1, 1.5, 7, 2],
          [3, 2.5, 7, Number.NaN],
          [3, 3.5, 7, 4],
        ],
      ),
    );
    expect(a).toEqual({
      name: 'a',
      min: 1,
      max: 3,
      mean: 2,
      standardDeviation: 1,
      missing: 0,
      distinct: 2,
      kind: 'integer',
      resolution: 1,
    });
    expect(b).toEqual({
      name: 'b',
      min: 0.5,
      max: 3.5,
      mean: 2,
      standardDeviation: Math.sqrt(1.25),
      missing: 0,
      distinct: 4,
      kind: 'continuous',
    });
    expect(c).toEqual({
      name: 'c',
      min: 7,
      max: 7,
      mean: 7,
      standardDeviation: 0,
      missing: 0,
      distinct: 1,
      kind: 'constant',
    });
    expect(d).toMatchObject({ min: 2, max: 4, mean: 3, missing: 2, distinct: 2, kind: 'continuous' });
    expect(describeColumns(columnsOf(['e'], [[Number.NaN]]))[0]).toEqual({
      name: 'e',
      min: NaN,
      max: NaN,
      mean: NaN,
      standardDeviation: NaN,
      missing: 1,
      distinct: 0,
      kind: 'constant',
    });
  });

  it('describeColumns is precise if the mean is far from zero, and stops counting different values at the limit', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [8e6 + (i % 2), i]);
    const [far, many] = describeColumns(columnsOf(['far', 'many'], rows));
    expect(far).toMatchObject({ mean: 8e6 + 0.5, standardDeviation: 0.5, kind: 'integer' });
    expect(many).toMatchObject({ distinct: 10_000, kind: 'continuous' });
  });
});

describe('describeColumns for whole numbers', () => {
  it('a column of whole numbers has the kind `integer` only if its values repeat', () => {
    const rows = Array.from({ length: 4000 }, (_, i) => [i % 5, i, i / 4000, 3, (i % 5) / 2]);
    const kinds = describeColumns(columnsOf(['label', 'serial', 'share', 'same', 'halves'], rows)).map(
      ({ name, kind }) => [name, kind],
    );
    expect(kinds).toEqual([
      ['label', 'integer'],
      ['serial', 'continuous'],
      ['share', 'continuous'],
      ['same', 'constant'],
      ['halves', 'grid'],
    ]);
  });
});

describe('noise whose width is the resolution', () => {
  it('with noise, the mean log-density plus log(resolution) is a lower bound on the mean log-probability of values', () => {
    // The values are draws of a normal distribution, rounded to tenths. The model is a normal distribution. P(v) is
    // computed by quadrature in double precision.
    const [values, resolution] = [Array.from(normals(key(9), 20_000), (x) => Math.round(3 * x) / 10), 0.1];
    const logDensity = (x: number): number =>
      -0.5 * ((x - 0.05) / 0.31) ** 2 - Math.log(0.31) - 0.5 * Math.log(2 * Math.PI);
    const logProbability = (v: number): number =>
      Math.log(
        Array.from(
          { length: 50 },
          (_, i) => Math.exp(logDensity(v + ((i + 0.5) / 50) * resolution)) * (resolution / 50),
        ).reduce((a, b) => a + b),
      );
    const spec: NumberColumn = { kind: 'number', name: 'x', resolution };
    const rows = { rows: values.length, columns: [Float64Array.from(values)], remarks: [] };
    const noisy = withNoise(rows, [spec], key(10)).columns[0]!;
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b) / list.length;
    const bound = mean(Array.from(noisy, logDensity)) + Math.log(resolution);
    const exact = mean(values.map(logProbability));
    expect(bound).toBeLessThan(exact);
    expect(exact - bound).toBeLessThan(0.02);
  });
});
