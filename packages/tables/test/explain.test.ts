import { wasm } from '@impflow/backend-wasm';
import { explain, pickValues, recordFlow, type RecordFlow, type Values } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { scoreRecords } from '../src/density/score.ts';
import { inverse } from './matrices.ts';
import { columnsOf, fitted, livelyModel, logProbs, logSum, penguins, PENGUINS, rowsOf } from './models.ts';

const { species, sex, bill, depth, mass, flipper } = PENGUINS;
const EXACT = { estimated: false } as const;

describe('explain', () => {
  onBackend(wasm());

  let model: RecordFlow;
  let rows: Values;
  let own: Values;
  beforeAll(() => {
    const names = [species, bill, depth, mass, flipper];
    const { spec, train } = fitted(columnsOf(penguins(), names), { given: [species] }, {}, { transform: 'none' });
    model = recordFlow(spec);
    rows = train;
    own = pickValues(
      rows,
      Uint32Array.from({ length: 30 }, (_, i) => 11 * i),
    );
  });

  const reasonsOf = (of: RecordFlow, values: Values) =>
    explain(of, values, scoreRecords(of, values, EXACT).values, EXACT);

  it('for a Gaussian density, contributions agree with their closed form within the error of 64 draws', () => {
    // The initial density of the flow is given by the regression. Given the species, the distribution of the numbers is
    // normal, and the factor of the regression determines the covariance.
    const [standardize, regression] = model.spec.flow.blocks;
    if (standardize?.kind !== 'standardize' || regression?.kind !== 'regression') throw new Error('other blocks');
    const { factor, weight, bias } = regression;
    const covariance = factor.map((row) =>
      factor.map((other) => row.reduce((sum, value, k) => sum + value * other[k]!, 0)),
    );
    const precision = inverse(covariance);
    const scores: number[] = [];
    reasonsOf(model, own).forEach((reasons, row) => {
      const rest = [0, 1, 2, 3].map((i) => {
        const z = (own.columns[1 + i]![row]! - standardize.mean[i]!) / standardize.scale[i]!;
        return z - bias[i]! - weight[i]![own.columns[0]![row]!]!;
      });
      reasons.forEach(({ part, percentile, column }, i) => {
        expect(column).toBe(model.spec.columns[1 + i]!.name);
        // Given the other cells, the variance of cell i is 1 / P_ii, where P is the precision matrix. r is the distance
        // of the cell from its mean in standard deviations.
        const r = precision[i]!.reduce((sum, value, k) => sum + value * rest[k]!, 0) / Math.sqrt(precision[i]![i]!);
        // log p(cell | others) = c - r^2 / 2. Over draws of the cell, log p(cell | others) has mean c - 1/2 and
        // standard deviation sqrt(1/2).
        scores.push((part - (r * r - 1) / 2) / Math.sqrt(0.5 / 64));
        const normal = 100 * normalDistribution(r);
        expect(Math.abs(percentile - normal)).toBeLessThan((5 * 50) / Math.sqrt(40));
      });
    });
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(5);
    // The importance weights reduce the effective number of draws, so the mean square may exceed 1.
    expect(scores.reduce((sum, z) => sum + z * z, 0) / scores.length).toBeLessThan(2);
  });

  it('a corrupted cell has the largest contribution in more than 90 % of the rows', () => {
    const places = Array.from({ length: 120 }, (_, i) => (7 * i) % rows.rows);
    const corrupted = pickValues(rows, Uint32Array.from(places));
    const scales = [1, 2, 3, 4].map((j) => {
      const mean = rows.columns[j]!.reduce((sum, value) => sum + value, 0) / rows.rows;
      return Math.sqrt(rows.columns[j]!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows.rows);
    });
    const changed = Array.from({ length: 120 }, (_, row) => row % 4);
    changed.forEach((i, row) => (corrupted.columns[1 + i]![row]! += (row % 8 < 4 ? 4 : -4) * scales[i]!));
    const reasons = reasonsOf(model, corrupted);
    const hits = reasons.filter(
      (own, row) => Math.max(...own.map(({ part }) => part)) === own[changed[row]!]!.part,
    ).length;
    expect(hits).toBeGreaterThan(0.9 * 120);
  });

  it('for a category, explain returns the exact mean over categories, the most likely category, and the percentile', () => {
    const { spec, train } = fitted(columnsOf(penguins(), [species, sex, bill, mass]));
    const mixed = livelyModel(spec);
    const some = pickValues(
      train,
      Uint32Array.from({ length: 10 }, (_, i) => 31 * i),
    );
    const found = reasonsOf(mixed, some);
    found.forEach((reasons, row) => {
      const logs = [0, 1, 2, 3].map(
        (code) => logProbs(mixed, rowsOf(some.columns.map((column, j) => [j === 0 ? code : column[row]!])))[0]!,
      );
      const total = logSum(logs);
      const shares = logs.map((log) => Math.exp(log - total));
      const cell = some.columns[0]![row]!;
      const { column, part, typical, percentile } = reasons[0]!;
      expect(column).toBe(species);
      expect(part).toBeCloseTo(shares.reduce((sum, share, k) => sum + share * logs[k]!, 0) - logs[cell]!, 3);
      expect(typical).toBe(logs.indexOf(Math.max(...logs)));
      expect(percentile).toBeCloseTo(
        Math.round(1000 * shares.filter((share) => share <= shares[cell]!).reduce((sum, share) => sum + share, 0)) / 10,
        6,
      );
    });
  });

  it('in a row with a missing cell, the missing cell has no contribution, and the known cells have contributions of the usual size', () => {
    const open: Values = {
      ...own,
      columns: own.columns.map((column, j) => (j === 3 ? column.map(() => NaN) : column)),
    };
    const [whole, gaps] = [reasonsOf(model, own), reasonsOf(model, open)];
    gaps.forEach((reasons) =>
      expect(reasons.map(({ part }) => Number.isNaN(part))).toEqual([false, false, true, false]),
    );
    // The mean contribution of typical rows is near 0, with and without the gap. If the density of the missing cell
    // were included, the mean would shift by several nats.
    const mean = (all: typeof whole): number => all.reduce((sum, reasons) => sum + reasons[0]!.part, 0) / all.length;
    expect(Math.abs(mean(gaps) - mean(whole))).toBeLessThan(0.6);
    expect(gaps.every((reasons) => Number.isFinite(reasons[2]!.typical))).toBe(true);
  });

  it('only an impossible cell has an infinite contribution', () => {
    const { spec } = fitted(
      columnsOf(penguins(), [bill, mass, flipper]),
      {},
      {},
      { transform: { [mass]: { map: 'log', lower: 0 } } },
    );
    const bounded = recordFlow(spec);
    const [reasons] = reasonsOf(bounded, rowsOf([[40], [-1], [190]]));
    expect(reasons!.map(({ part }) => part)).toEqual([0, Infinity, 0]);
    expect(reasons![1]!.typical).toBeGreaterThan(2000);
  });
});

/** The distribution function of the normal distribution (Abramowitz and Stegun, 1964, 26.2.17). */
const normalDistribution = (x: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x < 0 ? tail : 1 - tail;
};
