import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { fit, type AnyRow, type Model } from 'impflow';
import { expect, it } from 'vitest';
import { ALL } from '../../../testkit/private/extent.mjs';
import { cars, penguins } from '../penguins.ts';
import { ERRORS, spoiledRows, syntheticRows } from './spoiled.ts';

onBackend(wasm());

const whole = (rows: readonly AnyRow[]): readonly AnyRow[] =>
  rows.filter((row) => Object.values(row).every((cell) => cell !== null));

const TABLES = {
  penguins: whole(penguins.map(({ species, sex, beak, flipper, mass }) => ({ species, sex, beak, flipper, mass }))),
  cars: whole(cars),
  synthetic: syntheticRows(800, 1),
};
const models = new Map<string, Promise<Model>>();
/** Returns a model of a table. Each model is fitted once. */
const modelOf = (name: keyof typeof TABLES): Promise<Model> => {
  if (!models.has(name)) models.set(name, fit(TABLES[name], { steps: 60, base: 'fitted', workers: 1, seed: 1 }));
  return models.get(name)!;
};

/** Number of rows of each table and each kind of error. */
const CASES = ALL ? 40 : 12;

it.each(Object.keys(TABLES) as (keyof typeof TABLES)[])(
  'on rows of %s with one wrong cell, the repair changes this cell, and the p-value of the result is above alpha',
  async (name) => {
    const model = await modelOf(name);
    const found = Object.entries(ERRORS).flatMap(([, error], seed) => {
      const spoiled = spoiledRows(TABLES[name], error, 3 * CASES, seed);
      const [before, after] = [model.score(spoiled.map(({ right }) => right)), model.score(spoiled.map(({ row }) => row))];
      // Rows that were strange before, or that are usual with their wrong cell, have no wrong cell to find.
      return spoiled.filter((_, i) => before[i]!.pValue > 0.05 && after[i]!.pValue <= 0.05).slice(0, CASES);
    });
    const repairs = found.map(({ row }) => model.repair(row));
    const scores = model.score(repairs.map(({ row }) => row));
    repairs.forEach(({ outcome, pValue }, i) => {
      expect(outcome).toBe('repaired');
      expect(pValue).toBe(scores[i]!.pValue);
      expect(pValue).toBeGreaterThan(0.05);
    });
    const right = repairs.filter(({ changes }, i) => changes.length === 1 && changes[0]!.column === found[i]!.column);
    console.log(name, right.length, repairs.length);
    expect(repairs.length).toBeGreaterThan(CASES);
    expect(right.length / repairs.length).toBeGreaterThan(0.85);
  },
);
