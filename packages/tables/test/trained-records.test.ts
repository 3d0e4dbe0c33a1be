import { wasm } from '@impflow/backend-wasm';
import { FlowError, key } from '@impflow/core';
import { frameOf, trainedRecords, type RecordFlow, type TrainedRecords } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { columnsOf, fitted, grid, livelyModel, logProbs, penguins, PENGUINS, rowsOf } from './models.ts';
import { vega } from './vega.ts';

const { species, sex, bill, mass } = PENGUINS;

describe('trainedRecords', () => {
  onBackend(wasm());

  let model: RecordFlow;
  let trained: TrainedRecords;
  beforeAll(() => {
    const { spec, train } = fitted(columnsOf(penguins(), [species, sex, bill, mass]), { given: [species] });
    model = livelyModel(spec, 0.05);
    trained = trainedRecords(model, { quantiles: [...logProbs(model, train)].sort((a, b) => a - b), rows: train.rows });
  });

  const row = { [species]: 'Gentoo', [sex]: 'FEMALE', [bill]: 46.1, [mass]: 4500 };

  it('`score` accepts rows as objects, and returns log-densities, p-values, numbers of missing cells and remarks', () => {
    const scores = trained.score([
      row,
      { ...row, [mass]: 9000 },
      { ...row, [bill]: null },
      { ...row, [sex]: 'unknown' },
    ]);
    expect(scores.values.every(Number.isFinite)).toBe(true);
    expect(scores.pValues[0]!).toBeGreaterThan(0.05);
    expect(scores.pValues[1]!).toBeLessThan(0.01);
    expect(scores.pValues[2]).toBeNaN();
    expect([...scores.gaps]).toEqual([0, 0, 1, 0]);
    expect(scores.values[3]!).toBeLessThan(scores.values[0]! - 2);
    expect(scores.remarks).toHaveLength(1);
    expect(trainedRecords(model).score([row]).pValues[0]).toBeNaN();
  });

  it('`explain` returns the most likely values in the units of the data file', () => {
    const [reasons] = trained.explain([{ ...row, [mass]: 9000 }]);
    expect(reasons!.map(({ column }) => column)).toEqual([sex, bill, mass]);
    expect(['MALE', 'FEMALE']).toContain(reasons![0]!.typical);
    expect(reasons![2]!.part).toBeGreaterThan(Math.max(reasons![0]!.part, reasons![1]!.part));
    expect(Math.abs((reasons![2]!.typical as number) - 5000)).toBeLessThan(1000);
    expect(reasons![2]!.percentile).toBeCloseTo(100, 9);
  });

  it('`sample` draws rows on the grid of the data file, given conditions for all rows or for each row', () => {
    const frame = trained.sample(50, { key: key(1), given: [{ [species]: 'Adelie' }] });
    expect(frame.columns.map(({ name }) => name)).toEqual([species, sex, bill, mass]);
    expect(new Set(frame.columns[0]!.texts)).toEqual(new Set(['Adelie']));
    expect(frame.columns[3]!.numbers.every((value) => value % 25 === 0 && value > 1500 && value < 7000)).toBe(true);
    expect(frame.columns[2]!.numbers.every((value) => String(value).length <= 5)).toBe(true);
    const two = trained.sample(2, { key: key(1), given: [{ [species]: 'Adelie' }, { [species]: 'Gentoo' }] });
    expect(two.columns[0]!.texts).toEqual(['Adelie', 'Gentoo']);
    const thrown = (given?: readonly Readonly<Record<string, unknown>>[]): string => {
      try {
        trained.sample(3, { key: key(1), ...(given === undefined ? {} : { given }) });
      } catch (error) {
        if (error instanceof FlowError) return error.message;
        throw error;
      }
      return 'nothing';
    };
    expect(thrown()).toMatchInlineSnapshot(
      `"[tables/sample] The conditions are missing: expected values of Species, got none. Set the option given."`,
    );
    expect(thrown([row, row])).toMatchInlineSnapshot(
      `"[tables/sample] Wrong number of conditions: expected 1 row, or 3: one per draw, got 2. Give one row for all draws, or one for each."`,
    );
    expect(thrown([{ [species]: 'Emperor' }])).toMatchInlineSnapshot(
      `"[tables/sample] The condition "Species" has a category that training did not see: expected one of Adelie, Gentoo, Chinstrap, got "Emperor". Give a known category: the model has learned nothing about other categories."`,
    );
    expect(thrown([{ [species]: null }])).toMatchInlineSnapshot(
      `"[tables/sample] A condition is missing: "Species": expected a value, got an empty cell. Fill the cell: this column had no missing cells in training."`,
    );
  });

  it('`impute` fills missing cells, and keeps known cells as they are written in the file', () => {
    const rows = [
      { ...row, [mass]: null },
      { ...row, [sex]: 'unknown', [bill]: null, [mass]: 4510.123456789 },
      { ...row, [species]: null },
      row,
    ];
    const found = trained.impute(rows, { draws: 5, key: key(2) });
    expect(found.left).toEqual([2]);
    expect([...found.row]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 3]);
    const [first, second, third, fourth] = found.frame.columns;
    expect(first!.texts!.every((text) => text === 'Gentoo')).toBe(true);
    expect(second!.texts!.slice(5, 10)).toEqual(Array.from({ length: 5 }, () => 'unknown'));
    expect([...third!.numbers.subarray(0, 5)]).toEqual([46.1, 46.1, 46.1, 46.1, 46.1]);
    expect([...fourth!.numbers.subarray(5, 10)]).toEqual(Array.from({ length: 5 }, () => 4510.123456789));
    expect(fourth!.numbers.subarray(0, 5).every((value) => value % 25 === 0)).toBe(true);
    expect(new Set(third!.numbers.subarray(5, 10)).size).toBeGreaterThan(2);
  });

  it('dates of the data set flights are scored, drawn and filled as ISO strings within their range', () => {
    const rows = vega('flights-2k.json')
      .slice(0, 400)
      .map(({ date, delay, distance, origin }) => ({ date, delay, distance, wing: String(origin).slice(0, 1) }));
    const { spec } = fitted(frameOf(rows, 'flights'));
    expect(spec.columns[0]).toMatchObject({ name: 'date', kind: 'number', date: expect.any(String) as string });
    const flights = trainedRecords(livelyModel(spec, 0.02));
    expect(flights.score(rows.slice(0, 20)).values.every(Number.isFinite)).toBe(true);
    const drawn = flights.sample(100, { key: key(3) }).columns[0]!.texts!;
    const years = drawn.map((text) => Number(text!.slice(0, 4)));
    expect(Math.min(...years)).toBeGreaterThan(1999);
    expect(Math.max(...years)).toBeLessThan(2003);
    const filled = flights.impute(
      [
        { ...rows[0], date: null },
        { ...rows[0], delay: null },
      ],
      { draws: 2, key: key(4) },
    );
    expect(filled.frame.columns[0]!.texts!.slice(0, 2).every((text) => /^2\d{3}-\d\d-\d\d/.test(text!))).toBe(true);
    expect(filled.frame.columns[0]!.texts!.slice(2)).toEqual([rows[0]!.date, rows[0]!.date]);
  });

  it('the score of a row does not depend on other rows, even if its categories look like numbers', () => {
    const cells = ['1.0', '2.0', 'beta', '?'];
    const rows = Array.from({ length: 80 }, (_, i) => ({ v: cells[i % 4]!, x: Math.sin(i) + (i % 4) }));
    const { spec } = fitted(frameOf(rows, 'grades'), {}, { blocks: 1, model: 'implicit' });
    expect(spec.columns[0]).toMatchObject({ levels: [...cells].sort() });
    const grades = trainedRecords(livelyModel(spec));
    const all = grades.score(cells.map((v) => ({ v, x: 0 })));
    expect(new Set(all.values).size).toBe(4);
    cells.forEach((v, i) => {
      for (const beside of [[], ['beta'], ['1.0'], [7]]) {
        const { values, remarks } = grades.score([{ v, x: 0 }, ...beside.map((other) => ({ v: other, x: 0 }))]);
        expect([values[0], remarks.length]).toEqual([all.values[i], beside[0] === 7 ? 1 : 0]);
      }
    });
    // If a row lacks a key, the cell is missing.
    const [alone, gap] = [[{ x: 0 }], [{ x: 0, v: null }]].map((own) => grades.score(own));
    expect([alone!.values[0], alone!.gaps[0]]).toEqual([gap!.values[0], 1]);
    expect(grades.score([{ x: 0 }, { x: 0, v: 'beta' }]).values[0]).toBe(gap!.values[0]);
    expect(() => grades.score([{ w: 1 }])).toThrow('expected some of the keys v, x, got w');
  });

  it('a density of a single column of numbers can score, explain, draw and fill rows', () => {
    const rows = vega('cars.json').map(({ Acceleration }) => ({ Acceleration }));
    const { spec, train } = fitted(frameOf(rows, 'cars'), {}, { blocks: 1, model: 'implicit', hidden: [8] });
    const one = livelyModel(spec);
    expect(one.size).toBe(2);
    const axis = grid(800, (u) => Math.exp(-1 + 6 * u));
    const total = logProbs(one, rowsOf([axis.at])).reduce((sum, log, i) => sum + Math.exp(log) * axis.width[i]!, 0);
    expect(total).toBeCloseTo(1, 2);
    const cars = trainedRecords(one);
    expect(cars.score([{ Acceleration: null }]).values[0]!).toBeCloseTo(0, 0);
    const filled = cars.impute([{ Acceleration: null }], { draws: 100, key: key(1) }).values.columns[0]!;
    const drawn = cars.sample(400, { key: key(2) }).columns[0]!.numbers;
    const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(mean(drawn.map((value) => (value - mean(drawn)) ** 2)));
    expect(Math.abs(mean(filled) - mean(drawn))).toBeLessThan(5 * spread * Math.sqrt(1 / 50 + 1 / 400));
    expect(cars.explain([{ Acceleration: 60 }])[0]![0]!.part).toBeGreaterThan(5);
    expect(() => cars.score([])).toThrow('No rows in the objects: expected at least 1');
    expect(train.columns).toHaveLength(1);
  });
});
