import { wasm } from '@impflow/backend-wasm';
import { key, uniforms } from '@impflow/core';
import {
  pickFrameRows,
  atMiddle,
  drawValues,
  filledByDraws,
  fitApproximation,
  impute,
  isTargetCategory,
  pickValues,
  recordFlow,
  valuesOf,
  type RecordFlow,
  type Values,
} from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  chiSquareBound,
  columnsOf,
  fitted,
  livelyModel,
  logProbs,
  logSum,
  penguins,
  PENGUINS,
  rowsOf,
  times,
} from './models.ts';

const { species, sex, bill, depth, mass, flipper } = PENGUINS;
const NAMES = [species, sex, bill, depth, mass, flipper];

/** Removes the number in column `2 + row % 4` from each row. */
const masked = (values: Values): Values => ({
  ...values,
  columns: values.columns.map((column, j) => column.map((value, row) => (j === 2 + (row % 4) ? NaN : value))),
});

/**
 * Returns the fraction of rows whose removed number is between the smallest and the largest of its 19 draws. If the
 * number and the draws have the same distribution, the expected fraction is 18 / 20.
 */
const coverage = (truth: Values, found: ReturnType<typeof impute>, draws: number): number => {
  let inside = 0;
  for (let row = 0; row < truth.rows; row++) {
    const j = 2 + (row % 4);
    const own = found.values.columns[j]!.subarray(row * draws, (row + 1) * draws);
    const value = truth.columns[j]![row]!;
    inside += Number(value >= Math.min(...own) && value <= Math.max(...own));
  }
  return inside / truth.rows;
};

describe('impute', () => {
  onBackend(wasm());

  let model: RecordFlow;
  let truth: Values;
  beforeAll(() => {
    const { spec } = fitted(columnsOf(penguins(), NAMES), {}, { blocks: 2 });
    model = livelyModel(spec, 0.1);
    truth = drawValues(model, rowsOf(NAMES.map(() => new Float64Array(500))), { key: key(11) });
  });

  it('for rows that the model has drawn, the range of 19 draws contains the removed number in 90 % of the rows', () => {
    const found = impute(model, masked(truth), { draws: 19, key: key(12), estimated: false });
    expect(found.gaps).toBe(500);
    expect(found.left).toEqual([]);
    // The rate must be 0.9 within 4 standard errors. One standard error is sqrt(0.9 * 0.1 / 500).
    expect(Math.abs(coverage(truth, found, 19) - 0.9)).toBeLessThan(0.0537);
    expect(found.acceptance).toBeGreaterThan(0.5);
    expect(found.acceptance).toBeLessThan(1);
    expect(found.smallestEffective).toBeGreaterThan(20);
    expect(found.smallestEffective).toBeLessThan(40 + 190);
  });

  it('the range of 19 draws contains 85 % to 95 % of the removed numbers of held-out penguins', () => {
    const frame = columnsOf(penguins(), NAMES);
    const u = uniforms(key(13), frame.rows);
    const rows = Array.from(u.keys());
    const [inner, outer] = [rows.filter((row) => u[row]! < 0.5), rows.filter((row) => u[row]! >= 0.5)];
    const train = pickFrameRows(frame, Uint32Array.from(inner));
    const { spec } = fitted(train);
    const own = recordFlow(spec);
    const all = atMiddle(valuesOf(frame, spec.columns), spec.columns);
    const held = pickValues(
      all,
      Uint32Array.from(outer.filter((row) => all.columns.every((column) => !Number.isNaN(column[row])))),
    );
    // Two cells of every row are tested. Only one of the two cells is removed at a time.
    const shares = [0, 1].map((shift) => {
      const turned = pickValues(
        held,
        Uint32Array.from({ length: held.rows }, (_, i) => (i + shift) % held.rows),
      );
      return coverage(turned, impute(own, masked(turned), { draws: 19, key: key(14), estimated: false }), 19);
    });
    const mean = shares.reduce((sum, share) => sum + share, 0) / 2;
    expect(mean).toBeGreaterThan(0.85);
    expect(mean).toBeLessThan(0.95);
  });

  it('`impute` draws only categories that training saw, independently, with their exact probabilities', () => {
    const row = pickValues(truth, Uint32Array.of(4)).columns.map((column) => column[0]!);
    const found = impute(model, times([NaN, NaN, ...row.slice(2)], 1), { draws: 3000, key: key(15), estimated: false });
    expect([found.acceptance, found.smallestEffective]).toEqual([1, NaN]);
    const combinations = [0, 1, 2].flatMap((a) => [0, 1].map((b) => [a, b, ...row.slice(2)]));
    const logs = logProbs(model, rowsOf(row.map((_, j) => combinations.map((each) => each[j]!))));
    const total = logSum(logs);
    let [statistic, freedom, rest] = [0, 0, 0];
    combinations.forEach(([a, b], k) => {
      const expected = 3000 * Math.exp(logs[k]! - total);
      const count = found.values.columns[0]!.reduce(
        (sum, code, i) => sum + Number(code === a && found.values.columns[1]![i] === b),
        0,
      );
      rest += count;
      if (expected < 5) return;
      statistic += (count - expected) ** 2 / expected;
      freedom++;
    });
    expect(rest).toBe(3000);
    expect(statistic).toBeLessThan(chiSquareBound(freedom));
  });

  it('if a category and a number are missing, the category is drawn with its probability, computed by integration', () => {
    const row = pickValues(truth, Uint32Array.of(9)).columns.map((column) => column[0]!);
    const count = 500;
    const found = impute(model, times([NaN, row[1]!, NaN, ...row.slice(3)], count), {
      draws: 1,
      key: key(16),
      estimated: false,
    });
    const axis = Float64Array.from({ length: 800 }, (_, i) => 10 + 0.1 * i);
    const logs = [0, 1, 2].map((code) =>
      logSum(
        logProbs(
          model,
          rowsOf(
            [code, row[1]!, 0, ...row.slice(3)].map((value, j) => (j === 2 ? axis : new Float64Array(800).fill(value))),
          ),
        ),
      ),
    );
    const total = logSum(logs);
    const statistic = logs.reduce((sum, log, code) => {
      const p = Math.exp(log - total);
      const drawn = found.values.columns[0]!.reduce((all, value) => all + Number(value === code), 0);
      return count * p < 5 ? sum : sum + (drawn - count * p) ** 2 / (count * p);
    }, 0);
    expect(statistic).toBeLessThan(chiSquareBound(2));
  });

  it('`impute` keeps complete rows and known cells, and the draws of a row do not depend on other rows', () => {
    const some = masked(
      pickValues(
        truth,
        Uint32Array.from({ length: 70 }, (_, i) => i),
      ),
    );
    some.columns[2]![8] = 45;
    const all = impute(model, some, { draws: 2, key: key(17), estimated: false });
    expect(Array.from(all.row.slice(0, 17))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8]);
    expect(all.draw[16]).toBe(0);
    expect(all.gaps).toBe(69);
    const kept = all.values.columns.every((column, j) =>
      column.every((value, i) => [NaN, value].some((one) => Object.is(one, some.columns[j]![all.row[i]!]))),
    );
    expect(kept).toBe(true);
    const few = impute(model, pickValues(some, Uint32Array.of(0, 1, 2)), { draws: 2, key: key(17), estimated: false });
    few.values.columns.forEach((column, j) =>
      column.forEach((value, i) => expect(value).toBeCloseTo(all.values.columns[j]![i]!, 3)),
    );
  });

  it('`impute` leaves out a row if the density of its known cells is 0', () => {
    const { spec } = fitted(
      columnsOf(penguins(), [species, bill, mass]),
      {},
      {},
      { transform: { [mass]: { map: 'log', lower: 0 } } },
    );
    const found = impute(
      recordFlow(spec),
      rowsOf([
        [0, NaN, NaN],
        [40, 40, NaN],
        [4000, -1, -1],
      ]),
      { draws: 1, key: key(1), estimated: false },
    );
    expect(found.left).toEqual([1, 2]);
    expect([...found.row]).toEqual([0]);
  });

  it('filledByDraws fills the missing cells of training rows with finite numbers and with categories that training saw', () => {
    const approximation = fitApproximation(model.spec, truth, key(18));
    const open: Values = {
      ...truth,
      columns: truth.columns.map((column, j) => column.map((value, row) => ((row + j) % 3 === 0 ? NaN : value))),
    };
    const filled = filledByDraws(approximation, open, key(19));
    filled.columns.forEach((column, j) => {
      const spec = model.spec.columns[j]!;
      expect(
        column.every((value) => Number.isFinite(value) && (!isTargetCategory(spec) || value < spec.levels.length)),
      ).toBe(true);
      expect(open.columns[j]!.every((value, row) => Number.isNaN(value) || value === column[row])).toBe(true);
    });
  });
});
