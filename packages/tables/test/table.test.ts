import { key, type FlowError } from '@impflow/core';
import {
  dequantise,
  describeColumns,
  fitScaling,
  integerColumns,
  pickRows,
  selectColumns,
  splitRows,
  type Resolutions,
  type Table,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const table = (columns: readonly string[], rows: readonly (readonly number[])[]): Table => ({
  columns,
  rows: rows.length,
  values: Float32Array.from(rows.flat()),
  source: 'made.csv',
});
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return `${(error as FlowError).code} ${(error as FlowError).message}`;
  }
  return 'no error';
};

describe('selectColumns and pickRows', () => {
  const made = table(
    ['length', 'width', 'height'],
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  );

  it('keep the given order and do not change the table', () => {
    expect(selectColumns(made, ['height', 'length'])).toEqual(
      table(
        ['height', 'length'],
        [
          [3, 1],
          [6, 4],
        ],
      ),
    );
    expect(pickRows(made, Uint32Array.of(1, 1, 0))).toEqual(
      table(made.columns, [
        [4, 5, 6],
        [4, 5, 6],
        [1, 2, 3],
      ]),
    );
    expect(pickRows(made, new Uint32Array(0)).rows).toBe(0);
    expect([...made.values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('say what is wrong', () => {
    expect(messageOf(() => selectColumns(made, ['lenght']))).toBe(
      'input [tables/selectColumns] Unknown column of made.csv: expected one of length, width, height, got "lenght". Did you mean "length"?',
    );
    expect(messageOf(() => selectColumns(made, ['color']))).toBe(
      'input [tables/selectColumns] Unknown column of made.csv: expected one of length, width, height, got "color". Check the spelling.',
    );
    expect(messageOf(() => selectColumns(made, ['width', 'width']))).toBe(
      'input [tables/selectColumns] A column of made.csv is chosen twice: expected each name once, got "width" again. Name it once.',
    );
    expect(messageOf(() => selectColumns(made, []))).toBe(
      'input [tables/selectColumns] No column chosen of made.csv: expected some of length, width, height, got none.',
    );
    expect(messageOf(() => pickRows(made, Uint32Array.of(0, 2)))).toBe(
      'input [tables/pickRows] No such row in made.csv: expected indices below 2, got 2.',
    );
    const wide = table(
      Array.from({ length: 30 }, (_, i) => `x${i}`),
      [Array.from({ length: 30 }, () => 0)],
    );
    expect(messageOf(() => selectColumns(wide, ['something else']))).toContain(
      'x18, x19 and 10 more, got "something else"',
    );
  });
});

describe('splitRows', () => {
  it('puts every row in one part, the same for the same key', () => {
    const fractions = { validation: 0.1, test: 0.25 };
    const parts = splitRows(1001, { key: key(1), fractions });
    expect([parts.validation.length, parts.test.length, parts.train.length]).toEqual([100, 250, 651]);
    expect([...parts.train, ...parts.validation, ...parts.test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1001 }, (_, i) => i),
    );
    expect(splitRows(1001, { key: key(1), fractions })).toEqual(parts);
    expect(splitRows(1001, { key: key(2), fractions })).not.toEqual(parts);
  });

  it('gives each part with a positive share at least one row', () => {
    const sizes = (rows: number, validation: number, test: number): number[] => {
      const parts = splitRows(rows, { key: key(3), fractions: { validation, test } });
      return [parts.train.length, parts.validation.length, parts.test.length];
    };
    expect(sizes(3, 0.01, 0.01)).toEqual([1, 1, 1]);
    expect(sizes(2, 0.01, 0)).toEqual([1, 1, 0]);
    expect(sizes(5, 0, 0)).toEqual([5, 0, 0]);
  });

  it('says what is wrong', () => {
    const split = (rows: number, validation: number, test: number) => () =>
      splitRows(rows, { key: key(0), fractions: { validation, test } });
    expect(messageOf(split(2, 0.1, 0.1))).toBe(
      'input [tables/splitRows] Too few rows to split: expected at least 3, one for each part, got 2. ' +
        'Bring more rows, or ask for fewer parts.',
    );
    expect(messageOf(split(1, 0.1, 0))).toContain('expected at least 2, one for each part, got 1');
    expect(messageOf(split(0, 0, 0))).toContain('expected at least 1, one for each part, got 0');
    for (const [validation, test] of [
      [-0.1, 0.1],
      [0.5, 0.5],
      [Number.NaN, 0],
      [0, 1],
    ] as const) {
      expect(messageOf(split(100, validation, test))).toBe(
        'option [tables/splitRows] Wrong shares of the rows: expected validation and test in [0, 1), together ' +
          `below 1, got ${validation} and ${test}. Leave some rows for training.`,
      );
    }
  });
});

describe('describeColumns', () => {
  it('returns the statistics of each column', () => {
    const [a, b, c, d] = describeColumns(
      table(
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
    expect(describeColumns(table(['e'], [[Number.NaN]]))[0]).toEqual({
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

  it('loses no digits to a mean far from zero, and counts distinct values up to its cap', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [8e6 + (i % 2), i]);
    const [far, many] = describeColumns(table(['far', 'many'], rows));
    expect(far).toMatchObject({ mean: 8e6 + 0.5, standardDeviation: 0.5, kind: 'integer' });
    expect(many).toMatchObject({ distinct: 10_000, kind: 'continuous' });
  });
});

describe('fitScaling', () => {
  it('returns mean and standard deviation', () => {
    expect(
      fitScaling(
        table(
          ['a', 'b'],
          [
            [1, 10],
            [3, 30],
          ],
        ),
      ),
    ).toEqual({ mean: [2, 20], scale: [1, 10] });
  });

  it('says what is wrong', () => {
    expect(
      messageOf(() =>
        fitScaling(
          table(
            ['a', 'b', 'c'],
            [
              [1, 0.25, 5],
              [2, 0.25, 6],
            ],
          ),
        ),
      ),
    ).toBe(
      'input [tables/fitScaling] Nothing to learn in the column "b" of made.csv: ' +
        'expected values that differ, got 0.25 in every row. Leave it out with the option columns: a,c',
    );
    expect(messageOf(() => fitScaling(table(['a'], [[4], [4]])))).toContain(
      'got 4 in every row. Bring columns that vary.',
    );
    expect(messageOf(() => fitScaling(table(['a'], [[4]])))).toBe(
      'input [tables/fitScaling] Too few rows in made.csv: expected at least 2, got 1. A spread needs two rows.',
    );
    expect(messageOf(() => fitScaling(table(['a'], [[4], [Number.NaN]])))).toBe(
      'input [tables/fitScaling] Cannot standardise the column "a" of made.csv: ' +
        'expected finite numbers, got 1 missing. Repair or remove those rows.',
    );
    expect(messageOf(() => fitScaling(table(['a'], [[4], [-Infinity]])))).toContain(
      'expected finite numbers, got Infinity',
    );
  });
});

describe('integer columns', () => {
  const rows = Array.from({ length: 4000 }, (_, i) => [i % 5, i, i / 4000, 3, (i % 5) / 2]);
  const made = table(['label', 'serial', 'share', 'same', 'halves'], rows);

  it('are those whose whole numbers repeat', () => {
    expect(integerColumns(made)).toEqual(['label']);
  });

  it('get uniform noise that keeps the whole part', () => {
    const noisy = dequantise(made, { label: 1 }, key(5));
    const [before, after] = [selectColumns(made, ['label']).values, selectColumns(noisy, ['label']).values];
    expect([...after].map(Math.floor)).toEqual([...before]);
    const noise = after.map((value, i) => value - before[i]!);
    // Mean 1/2 and variance 1/12, each within 4.4 standard errors over 4,000 draws.
    expect(Math.abs(noise.reduce((a, b) => a + b) / 4000 - 0.5)).toBeLessThan(4.4 * Math.sqrt(1 / 12 / 4000));
    expect(Math.abs(noise.reduce((a, b) => a + (b - 0.5) ** 2, 0) / 4000 - 1 / 12)).toBeLessThan(
      4.4 * Math.sqrt((1 / 80 - 1 / 144) / 4000),
    );
    expect(integerColumns(noisy)).toEqual([]);
    expect(selectColumns(noisy, ['serial', 'share', 'same'])).toEqual(selectColumns(made, ['serial', 'share', 'same']));
  });

  it('get the same noise for the same key, whichever other columns are named', () => {
    const label = (columns: Resolutions, seed: number): Float32Array =>
      selectColumns(dequantise(made, columns, key(seed)), ['label']).values;
    expect(label({ label: 1 }, 5)).toEqual(label({ serial: 1, label: 1 }, 5));
    expect(label({ label: 1 }, 5)).not.toEqual(label({ label: 1 }, 6));
    expect(dequantise(made, {}, key(5))).toBe(made);
    expect(messageOf(() => dequantise(made, { labels: 1 }, key(5)))).toBe(
      'input [tables/dequantise] Unknown column of made.csv: ' +
        'expected one of label, serial, share, same, halves, got "labels". Did you mean "label"?',
    );
  });
});
