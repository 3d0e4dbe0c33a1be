import { wasm } from '@impflow/backend-wasm';
import { frameOf, pickValues, type RecordFlow, type Values } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { scoreRecords } from '../src/density/score.ts';
import { columnsOf, fitted, grid, livelyModel, logProbs, logSum, penguins, PENGUINS, rowsOf } from './models.ts';
import { vega } from './vega.ts';

const { species, sex, bill, mass, flipper } = PENGUINS;
const EXACT = { estimated: false } as const;

/** Returns a copy of the rows in which the cells of some columns are missing. */
const without = (values: Values, missing: readonly number[]): Values => ({
  ...values,
  columns: values.columns.map((column, j) => (missing.includes(j) ? column.map(() => NaN) : column)),
});

describe('scoreRecords for rows with missing cells', () => {
  onBackend(wasm());

  let model: RecordFlow;
  let rows: Values;
  beforeAll(() => {
    const { spec, train } = fitted(
      columnsOf(penguins(), [species, sex, bill, mass, flipper]),
      {},
      { blocks: 2 },
      { transform: { [mass]: { map: 'log', lower: 0 } } },
    );
    model = livelyModel(spec);
    rows = pickValues(
      train,
      Uint32Array.from({ length: 24 }, (_, i) => 13 * i),
    );
  });

  it('if categories are missing, the score is the exact sum over all categories, including unseen categories', () => {
    for (const missing of [[0], [1], [0, 1]]) {
      const { values, errors, gaps } = scoreRecords(model, without(rows, missing), EXACT);
      expect([...errors]).toEqual([...errors].map(() => 0));
      expect([...gaps]).toEqual([...gaps].map(() => missing.length));
      const parts: Float32Array[] = [];
      for (let a = 0; a < 4; a++)
        for (let b = 0; b < 3; b++) {
          const own = rowsOf(rows.columns);
          if (missing.includes(0)) own.columns[0]!.fill(a);
          if (missing.includes(1)) own.columns[1]!.fill(b);
          if ((missing.includes(0) || a === 0) && (missing.includes(1) || b === 0)) parts.push(logProbs(model, own));
        }
      values.forEach((value, row) => expect(value).toBeCloseTo(logSum(parts.map((part) => part[row]!)), 4));
    }
  });

  it('if a number is missing, the score is the integral over the number, within the standard error', () => {
    const { values, errors } = scoreRecords(model, without(rows, [3]), EXACT);
    const axis = grid(1200, (u) => Math.exp(5 + 6 * u));
    const scores = Array.from(values, (value, row) => {
      const points = rowsOf(
        rows.columns.map((column, j) => (j === 3 ? axis.at : new Float64Array(1200).fill(column[row]!))),
      );
      const exact = logSum(logProbs(model, points).map((log, i) => log + Math.log(axis.width[i]!)));
      return (value - exact) / errors[row]!;
    });
    expect(errors.every((error) => error > 0 && error < 0.3)).toBe(true);
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(5);
    // If the standard errors are correct, this number is the mean of the squares of 24 standard normal numbers.
    expect(scores.reduce((sum, z) => sum + z * z, 0) / 24).toBeLessThan(3);
  });

  it('if a category and a number are missing, the score is the sum over the category of integrals over the number', () => {
    const { values, errors } = scoreRecords(model, without(rows, [0, 3]), EXACT);
    const axis = grid(600, (u) => Math.exp(5 + 6 * u));
    const scores = Array.from(values.subarray(0, 10), (value, row) => {
      const logs = [0, 1, 2, 3].flatMap((code) => {
        const points = rowsOf(
          rows.columns.map((column, j) =>
            j === 3 ? axis.at : new Float64Array(600).fill(j === 0 ? code : column[row]!),
          ),
        );
        return Array.from(logProbs(model, points), (log, i) => log + Math.log(axis.width[i]!));
      });
      return (value - logSum(logs)) / errors[row]!;
    });
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(5);
  });

  it('the score of a row does not depend on its index or on other rows', () => {
    const open: Values = {
      ...rows,
      columns: rows.columns.map((column, j) => column.map((value, row) => (row % 5 === j && row > 3 ? NaN : value))),
    };
    const all = scoreRecords(model, open, EXACT);
    const order = Uint32Array.of(17, 3, 8, 21, 8);
    const some = scoreRecords(model, pickValues(open, order), EXACT);
    order.forEach((row, i) => {
      expect(some.values[i]!).toBeCloseTo(all.values[row]!, 4);
      expect(some.errors[i]!).toBeCloseTo(all.errors[row]!, 4);
    });
    expect(some.values[2]).toBe(some.values[4]);
  });

  it('if all cells are missing, the score is 0 within its standard error, because the density integrates to one', () => {
    const { values, errors } = scoreRecords(
      model,
      without(pickValues(rows, Uint32Array.of(0)), [0, 1, 2, 3, 4]),
      EXACT,
    );
    expect(Math.abs(values[0]!)).toBeLessThan(5 * errors[0]!);
    expect(errors[0]!).toBeLessThan(0.3);
  });

  it('if the known cells are impossible, the score is -Infinity with a standard error of 0', () => {
    const impossible = rowsOf([[0], [NaN], [NaN], [-5], [190]]);
    const { values, errors } = scoreRecords(model, impossible, EXACT);
    expect(values[0]).toBe(-Infinity);
    expect(errors[0]).toBe(0);
  });

  it('if a condition is missing, the score is NaN, unless the condition had missing cells in training', () => {
    const cars = frameOf(
      vega('cars.json').map(({ Origin, Horsepower, Acceleration, Weight_in_lbs }) => ({
        Origin,
        Horsepower,
        Acceleration,
        Weight_in_lbs,
      })),
      'cars',
    );
    const { spec, train } = fitted(cars, { given: ['Horsepower', 'Weight_in_lbs'] });
    expect(spec.columns[1]).toMatchObject({ given: true, fill: expect.any(Number) as number });
    const own = livelyModel(spec);
    const some = pickValues(train, Uint32Array.of(5, 50));
    const { values, gaps } = scoreRecords(own, without(some, [1]), EXACT);
    expect([...gaps]).toEqual([0, 0]);
    expect(values.every(Number.isFinite)).toBe(true);
    const none = scoreRecords(own, without(some, [3]), EXACT);
    expect([...none.gaps]).toEqual([1, 1]);
    expect(none.values.every(Number.isNaN)).toBe(true);
  });

  it('scoreRecords returns empty lists if there are no rows', () => {
    const none = scoreRecords(model, pickValues(rows, new Uint32Array(0)), EXACT);
    expect(none.values).toHaveLength(0);
  });
});
