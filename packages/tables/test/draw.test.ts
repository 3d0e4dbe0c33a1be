import { wasm } from '@impflow/backend-wasm';
import { key } from '@impflow/core';
import { frameOf, drawValues, treeMarginals, type RecordFlow, type Values } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  chiSquareBound,
  chiSquareOfUniform,
  columnsOf,
  fitted,
  grid,
  livelyModel,
  logProbs,
  penguins,
  PENGUINS,
  rowsOf,
  times,
} from './models.ts';
import { vega } from './vega.ts';

const { species, sex, bill, mass } = PENGUINS;

describe('drawValues', () => {
  onBackend(wasm());

  let model: RecordFlow;
  let usual: Values;
  beforeAll(async () => {
    // The backend is already running: the hook of `onBackend` has started it.
    const { spec, train } = fitted(
      columnsOf(penguins(), [species, sex, bill, mass]),
      { given: [species, mass] },
      { model: 'implicit', blocks: 1, hidden: [8] },
    );
    model = livelyModel(spec);
    usual = train;
  });

  it('draws of a number, given a category and a number, have uniform ranks under the distribution function of the model', () => {
    for (const [own, weight] of [
      [0, 3500],
      [1, 5200],
    ] as const) {
      const drawn = drawValues(model, times([own, NaN, NaN, weight], 2000), { key: key(2) });
      // The distribution function of the number given both categories is computed by integration of the density.
      const axis = grid(1500, (u) => -40 + 160 * u);
      for (const gender of [0, 1]) {
        const densities = logProbs(
          model,
          rowsOf([
            times([own], 1500).columns[0]!,
            times([gender], 1500).columns[0]!,
            axis.at,
            times([weight], 1500).columns[0]!,
          ]),
        );
        const sums = new Float64Array(1501);
        densities.forEach((log, i) => (sums[i + 1] = sums[i]! + Math.exp(log) * axis.width[i]!));
        const ranks = Array.from({ length: 2000 }, (_, row) => row)
          .filter((row) => drawn.columns[1]![row] === gender)
          .map((row) => {
            const at = ((drawn.columns[2]![row]! + 40) / 160) * 1500;
            const cell = Math.floor(at);
            return (sums[cell]! + (at - cell) * (sums[cell + 1]! - sums[cell]!)) / sums[1500]!;
          });
        expect(ranks.length).toBeGreaterThan(100);
        expect(chiSquareOfUniform(ranks, 20)).toBeLessThan(chiSquareBound(19));
      }
    }
  });

  it('categories are drawn with their conditional probabilities, and only categories that training saw are drawn', () => {
    const drawn = drawValues(model, times([1, NaN, NaN, 5200], 4000), { key: key(3) });
    const { tree } = model.spec;
    const place = model.layout.inTree.indexOf(1);
    const codes = model.layout.inTree.map((j) => Int32Array.of(j === 0 ? 1 : j === 1 ? -1 : 4));
    const marginal = treeMarginals(tree!, codes)[place]!;
    const seen = marginal[0]! + marginal[1]!;
    const observed = [0, 1].map((code) => drawn.columns[1]!.reduce((sum, value) => sum + Number(value === code), 0));
    const statistic = observed.reduce((sum, count, code) => {
      const expected = (4000 * marginal[code]!) / seen;
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    expect(observed[0]! + observed[1]!).toBe(4000);
    expect(statistic).toBeLessThan(chiSquareBound(1));
  });

  it('the draw of a row depends only on its conditions, the key and the number of the row, not on other rows', () => {
    const conditions = rowsOf(usual.columns.map((column) => column.slice(0, 40)));
    const all = drawValues(model, conditions, { key: key(4) });
    const some = drawValues(model, rowsOf(conditions.columns.map((column) => column.slice(25))), {
      key: key(4),
      first: 25,
    });
    some.columns.forEach((column, j) =>
      column.forEach((value, i) => expect(value).toBeCloseTo(all.columns[j]![25 + i]!, 4)),
    );
    expect(some.columns[1]).toEqual(all.columns[1]!.slice(25));
    expect(all.columns[0]).toEqual(conditions.columns[0]);
    expect(all.columns[3]).toEqual(conditions.columns[3]);
  });

  it('unconditional draws of the data set cars have uniform ranks under the distribution function of the model', () => {
    const cars = frameOf(
      vega('cars.json').map(({ Origin, Acceleration }) => ({ Origin, Acceleration })),
      'cars',
    );
    const { spec } = fitted(cars, {}, { model: 'implicit', blocks: 1, hidden: [8] });
    const own = livelyModel(spec);
    const drawn = drawValues(own, rowsOf([0, 0].map(() => new Float64Array(3000))), { key: key(5) });
    const axis = grid(1500, (u) => Math.exp(-2 + 8 * u));
    const sums = new Float64Array(1501);
    for (const code of [0, 1, 2])
      logProbs(own, rowsOf([times([code], 1500).columns[0]!, axis.at])).forEach(
        (log, i) => (sums[i + 1]! += Math.exp(log) * axis.width[i]!),
      );
    for (let i = 0; i < 1500; i++) sums[i + 1]! += sums[i]!;
    const ranks = Array.from(drawn.columns[1]!, (value) => {
      const at = ((Math.log(value) + 2) / 8) * 1500;
      const cell = Math.min(1499, Math.max(0, Math.floor(at)));
      return (sums[cell]! + (at - cell) * (sums[cell + 1]! - sums[cell]!)) / sums[1500]!;
    });
    expect(chiSquareOfUniform(ranks, 25)).toBeLessThan(chiSquareBound(24));
  });
});
