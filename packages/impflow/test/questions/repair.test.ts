import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, uniforms } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { fit, type AnyRow, type FitOptions, type Model } from 'impflow';
import { describe, expect, it } from 'vitest';
import { ALL } from '../../../testkit/private/extent.mjs';
import { SPOILS, spoiledRows, syntheticRows } from '../../../testkit/private/spoiled.mjs';
import { cars, penguins } from '../penguins.ts';

onBackend(wasm());

const whole = (rows: readonly AnyRow[]): readonly AnyRow[] =>
  rows.filter((row) => Object.values(row).every((cell) => cell !== null));

const TABLES = {
  penguins: whole(penguins.map(({ species, sex, beak, flipper, mass }) => ({ species, sex, beak, flipper, mass }))),
  cars: whole(cars),
  synthetic: syntheticRows(normals(fold(key(1), 0), 3200), uniforms(fold(key(1), 1), 800)),
};
/** Small nets on a fitted mixture: a short training with a good density. */
const SHORT = { steps: 40, base: 'fitted', hidden: [16], blocks: 1, workers: 1, seed: 1 } as const satisfies FitOptions;
const models = new Map<string, Promise<Model>>();
/** Returns a model of a table. Each model is fitted once. */
const modelOf = (name: keyof typeof TABLES): Promise<Model> => {
  if (!models.has(name)) models.set(name, fit(TABLES[name], SHORT));
  return models.get(name)!;
};

/** Number of rows of each table and each kind of error. */
const CASES = ALL ? 40 : 5;

it.each(Object.keys(TABLES) as (keyof typeof TABLES)[])(
  'on rows of %s with one wrong cell, the repair changes this cell, and the p-value of the result is above alpha',
  async (name) => {
    const model = await modelOf(name);
    const found = Object.values(SPOILS).flatMap((spoil, seed) => {
      const spoiled = spoiledRows<AnyRow>(TABLES[name], spoil, uniforms(key(seed), 9 * CASES));
      const [before, after] = [
        model.score(spoiled.map(({ right }) => right)),
        model.score(spoiled.map(({ row }) => row)),
      ];
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
    expect(repairs.length).toBeGreaterThan(CASES);
    expect(right.length / repairs.length).toBeGreaterThan(0.85);
  },
);

/** A usual row of the synthetic table. */
const usual: AnyRow = { kind: 'a', x: 0.5, y: 10.8, count: 52, w: 2.7 };

describe('changes', () => {
  it('a row that is not strange is returned as it is', async () => {
    const model = await modelOf('synthetic');
    const { pValue } = model.score([usual])[0]!;
    const before = { changes: [], row: usual, before: pValue, pValue, cost: 0 };
    expect(model.repair(usual)).toEqual({ outcome: 'fits', ...before });
  });

  it('a slip of the decimal point or of the sign is undone, and the result is the same on every call', async () => {
    const model = await modelOf('synthetic');
    for (const [column, from] of [
      ['count', 5200],
      ['y', -10.8],
      ['x', 50],
    ] as const) {
      const found = model.repair({ ...usual, [column]: from });
      expect(found).toMatchObject({
        outcome: 'repaired',
        row: usual,
        changes: [{ column, from, to: usual[column] }],
        cost: 1,
      });
      expect(model.repair({ ...usual, [column]: from })).toEqual(found);
    }
  });

  it('a misspelled category becomes the most similar category', async () => {
    const [row] = TABLES.penguins;
    const found = (await modelOf('penguins')).repair({ ...row, species: 'Adelei' });
    expect(found).toMatchObject({ outcome: 'repaired', row, changes: [{ column: 'species', to: 'Adelie' }] });
  });

  it('a new value is the most likely one, on the grid of its column', async () => {
    const { changes } = (await modelOf('synthetic')).repair({ ...usual, count: 133 });
    expect(changes).toMatchObject([{ column: 'count', from: 133 }]);
    // Given x, the count is near 52.5 with a standard deviation of 10. The nearest usual count would be above 70.
    expect(Math.abs((changes[0]!.to as number) - 52.5)).toBeLessThan(8);
    expect(changes[0]!.to).toSatisfy(Number.isInteger);
  });

  it('if no single column is enough, two columns change', async () => {
    const model = await modelOf('synthetic');
    const found = model.repair({ ...usual, count: 133, w: 40 });
    expect(found).toMatchObject({ outcome: 'repaired', cost: 2 });
    expect(found.changes.map(({ column }) => column)).toEqual(['count', 'w']);
    expect(found.pValue).toBeGreaterThan(0.05);
    // A slip in one of two wrong cells is undone.
    const { row } = model.repair({ ...usual, count: 5200, w: 40 });
    expect([row['count'], row['w'] === 40]).toEqual([52, false]);
  });

  it('fixed columns do not change, and cheap columns change in place of expensive columns', async () => {
    const model = await modelOf('synthetic');
    const wrong = { ...usual, y: 17 };
    expect(model.repair(wrong).changes.map(({ column }) => column)).toEqual(['y']);
    const fixed = model.repair(wrong, { fixed: ['y'] });
    expect(fixed.changes.map(({ column }) => column)).not.toContain('y');
    const costs = model.repair(wrong, { costs: { y: 100, count: 50, w: 50 } });
    expect(costs.cost).toBeLessThan(50);
    expect(costs.changes.map(({ column }) => column)).not.toContain('y');
    expect(costs.pValue).toBeGreaterThan(0.05);
    const none = model.repair({ ...usual, count: 5000 }, { fixed: ['count', 'x', 'kind'] });
    expect(none).toMatchObject({ outcome: 'impossible', changes: [], row: { count: 5000 }, cost: 0 });
    expect(none.pValue).toBe(none.before);
  });

  it('conditions change only if the option conditions is true, and dates stay dates', async () => {
    const rows = penguins
      .filter(({ mass }) => mass !== null)
      .map(({ species, mass, seen }) => ({ species, mass, seen }));
    const model = await fit(rows, { ...SHORT, given: ['species'] });
    // The row of a Gentoo, which is heavier than every Adelie.
    const right = rows[270]!;
    const row = { ...right, species: 'Adelie' };
    const only = (options: object): readonly string[] => model.repair(row, options).changes.map(({ column }) => column);
    expect(only({})).not.toContain('species');
    expect(model.repair(row, { conditions: true, fixed: ['mass', 'seen'] })).toMatchObject({
      outcome: 'repaired',
      changes: [{ column: 'species', from: 'Adelie', to: 'Gentoo' }],
    });
    const { changes } = model.repair({ ...row, mass: 3700, seen: new Date(Date.UTC(1980, 0, 1)) });
    expect(changes).toMatchObject([{ column: 'seen', to: expect.any(Date) }]);
  });
});

it.each<readonly [string, AnyRow | AnyRow[], object, string]>([
  ['a row with a gap', { ...usual, x: null }, {}, 'A row with gaps has no p-value'],
  ['an array', [usual], {}, 'expected one row as an object, got an array'],
  ['alpha: 1', usual, { alpha: 1 }, 'option alpha: expected a number above 0 and below 1, got 1'],
  ['a cost of 0', usual, { costs: { x: 0 } }, 'option costs: expected an object with a number above 0'],
  [
    'costs of no column',
    usual,
    { costs: { wide: 1 } },
    'Wrong name in the option costs: expected columns of the model',
  ],
  ['a fixed column of another table', usual, { fixed: ['kinds'] }, 'got "kinds". Did you mean "kind"?'],
  ['all columns fixed', usual, { fixed: ['kind', 'x', 'y', 'count', 'w'] }, 'No column may change'],
  ['0 draws', usual, { draws: 0 }, 'option draws: expected a whole number of at least 1'],
  ['an unknown option', usual, { cost: {} }, 'Did you mean "costs"?'],
])('%s is refused with a message', async (_wrong, row, options, said) => {
  const model = await modelOf('synthetic');
  expect(() => model.repair(row as AnyRow, options)).toThrow(said);
});
