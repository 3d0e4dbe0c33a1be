import { fold, key, normals, uniforms } from '@impflow/core';
import {
  centered,
  dequantise,
  describeColumns,
  noiseRemarks,
  onGrid,
  readResolutions,
  resolutionList,
  resolutionsOf,
  type ColumnSummary,
  type Resolutions,
  type Table,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const column = (values: ArrayLike<number>): Table => ({
  columns: ['x'],
  rows: values.length,
  values: Float32Array.from(values),
  source: 'made.csv',
});
const summary = (values: ArrayLike<number>): ColumnSummary => describeColumns(column(values))[0]!;
/** Each multiple of the step, four times. */
const steps = (count: number, first = 0): readonly number[] =>
  Array.from({ length: 4 * count }, (_, i) => first + Math.floor(i / 4));
/** The decimal number as a text file would contain it. */
const decimals = (count: number, first: number, digits: number): readonly number[] =>
  steps(count, first).map((k) => Number((k / 10 ** digits).toFixed(digits)));
const share = (values: ArrayLike<number>, value: number): number =>
  Array.from(values).filter((other) => other === value).length / values.length;

describe('a column on a grid', () => {
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
    ['tenths of which few are there', 0.1, [1.3, 2.9, 7.7, 1.3, 2.9, 7.7]],
    ['tenths that were computed in float32', 0.1, steps(100).map((k) => Math.fround(k * Math.fround(0.1)))],
    ['thirds', 1 / 3, steps(90).map((k) => k / 3)],
    ['months, in years', 1 / 12, steps(300, 500).map((k) => k / 12)],
    ['two values', 0.37, [0, 0.37, 0, 0.37]],
  ])('%s: the step is found in float32', (_what, step, values) => {
    expect(summary(values)).toMatchObject({
      kind: step === 1 || step === 25 || step === 1000 ? 'integer' : 'grid',
      resolution: step,
    });
  });

  it('is not reported if values hardly repeat, or if every float32 number is on the grid', () => {
    expect(summary(decimals(200, 0, 1).filter((_, i) => i % 4 === 0)).kind).toBe('continuous');
    // Hundredths at about a million: the float32 step there is 1/16.
    expect(summary(decimals(200, 1e8, 2)).resolution).not.toBe(0.01);
    expect(summary(normals(key(1), 4000))).toMatchObject({ kind: 'continuous' });
    for (const name of ['resolution', 'atom']) expect(summary(normals(key(1), 4000))).not.toHaveProperty(name);
  });

  it('is not found by chance in a hundred columns of repeated random values', () => {
    for (let seed = 0; seed < 100; seed++) {
      const values = normals(fold(key(2), seed), 12);
      expect(summary(Array.from({ length: 48 }, (_, i) => values[i % 12]!)).kind).toBe('atoms');
    }
  });
});

describe('a column with an atom and no grid', () => {
  const rain = (count: number, dry: number, atom = 0): Float32Array => {
    const [days, sizes] = [uniforms(fold(key(3), 0), count), uniforms(fold(key(3), 1), count)];
    return Float32Array.from({ length: count }, (_, i) => (days[i]! < dry ? atom : atom - 5 * Math.log(sizes[i]!)));
  };

  it.each([0.42, 0.8])(
    'with a share %d of zeros: reports the atom, and noise of about a hundredth of the spread',
    (dry) => {
      const values = rain(5000, dry);
      const { kind, resolution, atom } = summary(values);
      expect([kind, atom]).toEqual(['atoms', { value: 0, share: share(values, 0) }]);
      // The quartiles of an exponential distribution with mean 5 are 5 log(3) apart; rounding down to 1, 2 or 5 takes
      // 2.5 at most.
      expect(resolution).toBeGreaterThan((0.9 * 5 * Math.log(3)) / 100 / 2.5);
      expect(resolution).toBeLessThan((1.1 * 5 * Math.log(3)) / 100);
    },
  );

  it('does not get narrower noise with more rows, as the smallest gap would', () => {
    const [few, many] = [rain(1000, 0.42), rain(64_000, 0.42)].map((values) => summary(values).resolution!);
    expect(few! / many!).toBeLessThanOrEqual(2.5);
    expect(few! / many!).toBeGreaterThanOrEqual(0.4);
  });

  it('recovers the atom from the noise, also an atom that is not zero', () => {
    for (const atom of [0, 99.97, -3.21]) {
      const values = rain(4000, 0.3, atom);
      const resolutions = resolutionsOf(describeColumns(column(values)));
      const noisy = dequantise(column(values), resolutions, key(4));
      expect(describeColumns(noisy)[0]!.kind).toBe('continuous');
      const back = onGrid(noisy.values, ['x'], resolutions);
      const close = back.filter((value) => Math.abs(value - atom) <= 1e-6 * Math.abs(atom));
      expect(new Set(close).size).toBe(1);
      expect(close.length / 4000).toBeGreaterThanOrEqual(share(values, Math.fround(atom)) - 1 / 4000);
      expect(Math.max(...back.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThanOrEqual(
        1.001 * resolutions['x']!,
      );
    }
  });

  it('is continuous with fewer than five equal rows, or 2 % of them', () => {
    const noise = Array.from(normals(key(5), 1000));
    expect(summary(noise.map((x, i) => (i < 20 ? 0.5 : x)))).toMatchObject({ kind: 'continuous' });
    expect(summary(noise.map((x, i) => (i < 21 ? 0.5 : x)))).toMatchObject({
      kind: 'atoms',
      atom: { value: 0.5, share: 0.021 },
    });
    expect(summary(noise.slice(0, 40).map((x, i) => (i < 4 ? 0.5 : x)))).toMatchObject({ kind: 'continuous' });
  });

  it('on a grid so fine that the other values hardly repeat, gets the same noise, not the step of the grid', () => {
    const [draws, count] = [uniforms(key(6), 1000), 1000];
    // The quartiles of the others are half of their range apart.
    const income = Array.from({ length: count }, (_, i) => (i < 400 ? 0 : Math.floor(1e6 * draws[i]!)));
    expect(summary(income)).toMatchObject({ kind: 'atoms', resolution: 2000, atom: { value: 0, share: 0.4 } });
    const claims = Array.from({ length: count }, (_, i) => (i < 900 ? 0 : Number((800 * draws[i]!).toFixed(2))));
    expect(summary(claims)).toMatchObject({ kind: 'atoms', resolution: 2, atom: { value: 0, share: 0.9 } });
    // If they repeat, the resolution is the step of the grid.
    expect(summary(claims.map((claim) => Number((claim / 800).toFixed(1))))).toMatchObject({
      kind: 'grid',
      resolution: 0.1,
      atom: { value: 0 },
    });
  });

  it('with an infinite value is continuous; missing values are ignored', () => {
    expect(summary([...rain(100, 0.5), Infinity])).toMatchObject({ kind: 'continuous', max: Infinity });
    expect(summary([...steps(20), NaN])).toMatchObject({ kind: 'integer', resolution: 1, missing: 1 });
  });
});

describe('dequantise', () => {
  it('adds the same noise to whole numbers as earlier versions, bit for bit', () => {
    const whole = column(steps(500));
    const noise = uniforms(fold(key(7), 0), 2000);
    expect(dequantise(whole, resolutionsOf(describeColumns(whole)), key(7)).values).toEqual(
      whole.values.map((value, i) => value + noise[i]!),
    );
  });

  it('adds uniform noise as wide as the resolution', () => {
    const tenths = column(decimals(1000, 0, 1));
    const noise = dequantise(tenths, { x: 0.1 }, key(8)).values.map((value, i) => (value - tenths.values[i]!) / 0.1);
    // Mean 1/2 and variance 1/12, each within 4.4 standard errors over 4,000 draws. Float32 rounds values near 100 to
    // 4e-5 of a step.
    expect(Math.abs(noise.reduce((a, b) => a + b) / 4000 - 0.5)).toBeLessThan(4.4 * Math.sqrt(1 / 12 / 4000));
    expect(Math.abs(noise.reduce((a, b) => a + (b - 0.5) ** 2, 0) / 4000 - 1 / 12)).toBeLessThan(
      4.4 * Math.sqrt((1 / 80 - 1 / 144) / 4000),
    );
    expect(Math.min(...noise)).toBeGreaterThan(-1e-3);
    expect(Math.max(...noise)).toBeLessThan(1 + 1e-3);
  });

  it('makes the log-density of a model, plus log(resolution), a lower bound on its log-probability of the values', () => {
    // Tenths of a normal distribution under a normal model. P(v) comes from quadrature in double precision.
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
    const noisy = dequantise(column(values), { x: resolution }, key(10)).values;
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b) / list.length;
    const bound = mean(Array.from(noisy, logDensity)) + Math.log(resolution);
    const exact = mean(values.map(logProbability));
    expect(bound).toBeLessThan(exact);
    expect(exact - bound).toBeLessThan(0.02);
  });

  it('refuses an invalid resolution', () => {
    for (const resolution of [0, -1, NaN, Infinity])
      expect(() => dequantise(column([1, 2]), { x: resolution }, key(0))).toThrow(
        '[tables/dequantise] Wrong resolution of the column "x": expected a number above 0',
      );
  });
});

describe('resolutions', () => {
  const columns = ['a', 'constructor', '__proto__'];

  it('belong to columns by name, even a name of Object.prototype', () => {
    const table: Table = {
      columns,
      rows: 40,
      values: Float32Array.from({ length: 120 }, (_, i) => (i % 3 === 0 ? Math.sin(i) : i % 5)),
      source: 'made.csv',
    };
    const found = resolutionsOf(describeColumns(table));
    expect(resolutionList(columns, found)).toEqual([0, 1, 1]);
    expect(resolutionList(columns, JSON.parse(JSON.stringify(found)) as Resolutions)).toEqual([0, 1, 1]);
    expect(resolutionList(columns, {})).toEqual([0, 0, 0]);
    const back = onGrid(dequantise(table, found, key(1)).values, columns, found);
    expect(back.filter((_, i) => i % 3 !== 0)).toEqual(table.values.filter((_, i) => i % 3 !== 0));
  });

  it('are read from files of every version', () => {
    expect(readResolutions({ age: 0.1 })).toEqual({ age: 0.1 });
    expect(readResolutions(['count', 'label'])).toEqual({ count: 1, label: 1 });
    expect(readResolutions([])).toEqual({});
    for (const wrong of [undefined, null, 'age', 3, [1], { age: 0 }, { age: '0.1' }, { age: null }, { age: -1 }])
      expect(readResolutions(wrong), JSON.stringify(wrong)).toBeUndefined();
  });

  it('move a score to the middle of what a value stands for, and a draw to the grid', () => {
    expect([...centered(Float32Array.of(1, 2, 3, 4), ['a', 'b'], { b: 0.5 })]).toEqual([1, 2.25, 3, 4.25]);
    expect([...onGrid(Float32Array.of(1.7, 2.7, -0.2, -0.2), ['a', 'b'], { a: 1, b: 0.5 })]).toEqual([
      1, 2.5, -1, -0.5,
    ]);
    expect([...onGrid(Float32Array.of(2.36), ['a'], { a: 0.1 })]).toEqual([Math.fround(2.3)]);
  });
});

describe('noiseRemarks', () => {
  it('say which noise was added to which columns', () => {
    const columns = ['count', 'age', 'size', 'label', 'rain', 'mass', 'odd'];
    const noise = normals(key(11), 400);
    const odd = normals(key(12), 40);
    const rows = Array.from({ length: 400 }, (_, i) => [
      i % 7,
      (i % 90) / 10,
      noise[i]!,
      i % 3,
      i < 168 ? 0 : Math.abs(noise[i]!),
      25 * (i % 9),
      odd[i % 40]!,
    ]);
    const summaries = describeColumns({
      columns,
      rows: 400,
      values: Float32Array.from(rows.flat()),
      source: 'made.csv',
    });
    const said = noiseRemarks(summaries, { ...resolutionsOf(summaries), rain: 0.01234, odd: 0.02 });
    expect(said).toEqual([
      'Whole numbers in count, label: uniform noise in [0, 1) added, so that a density exists.',
      'Values in age repeat (multiples of 0.1): uniform noise in [0, 0.1) added, so that a density exists.',
      'Values in mass repeat (multiples of 25): uniform noise in [0, 25) added, so that a density exists.',
      '42 % of the rows of rain are exactly 0: uniform noise in [0, 0.0123) added, so that a density exists.',
      '2.5 % of the rows of odd are exactly ' +
        said.at(-1)!.match(/exactly (\S+):/)![1] +
        ': uniform noise in [0, 0.02) added, so that a density exists.',
    ]);
    expect(noiseRemarks(summaries, {})).toEqual([]);
    // A run of an earlier version added less noise to mass.
    expect(noiseRemarks(summaries, { mass: 1 })).toEqual([
      'Whole numbers in mass: uniform noise in [0, 1) added, so that a density exists.',
    ]);
  });

  it('say if most rows on a grid have one value', () => {
    const summaries = describeColumns(column(Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? i % 7 : 0))));
    expect(noiseRemarks(summaries, resolutionsOf(summaries))).toEqual([
      'Whole numbers in x: uniform noise in [0, 1) added, so that a density exists.',
      expect.stringMatching(/^9[0-4] % of the rows of x are exactly 0: their log-densities tell little else\.$/),
    ]);
    const coin = describeColumns(column(Array.from({ length: 400 }, (_, i) => Number(i % 3 === 0))));
    expect(noiseRemarks(coin, resolutionsOf(coin))).toHaveLength(1);
  });
});
