import { wasm } from '@impflow/backend-wasm';
import { key, uniforms } from '@impflow/core';
import {
  frameOf,
  atMiddle,
  drawValues,
  recordFlow,
  trainedRecords,
  valuesOf,
  type RecordFlow,
  type RecordsSpec,
} from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import { columnsOf, fitted, grid, livelyModel, logProbs, penguins, PENGUINS, rowsOf } from './models.ts';
import { cells } from './trees.ts';

const { species, sex, bill, mass, flipper } = PENGUINS;

/**
 * Returns the total probability of records, given conditions: the density is summed over categories and integrated over
 * a box of numbers.
 */
const total = (
  model: RecordFlow,
  sizes: Readonly<Record<string, number>>,
  axes: Readonly<Record<string, ReturnType<typeof grid>>>,
  conditions: Readonly<Record<string, number>> = {},
): number => {
  const { columns } = model.spec;
  const combinations = cells(Object.values(sizes));
  const points = Object.values(axes).reduce<readonly (readonly [readonly number[], number])[]>(
    (all, { at, width }) =>
      all.flatMap(([point, weight]) => Array.from(at, (x, i) => [[...point, x], weight * width[i]!] as const)),
    [[[], 1]],
  );
  let sum = 0;
  for (const combination of combinations) {
    const values = rowsOf(
      columns.map(({ name }) => {
        const category = Object.keys(sizes).indexOf(name);
        const axis = Object.keys(axes).indexOf(name);
        return points.map(([point]) =>
          category >= 0 ? combination[category]! : axis >= 0 ? point[axis]! : conditions[name]!,
        );
      }),
    );
    logProbs(model, values).forEach((log, i) => (sum += Math.exp(log) * points[i]![1]));
  }
  return sum;
};

/**
 * Returns records with a number in (0, 1), an angle, a positive number with a long tail, and a number with heavy tails.
 * The columns depend on each other.
 */
const made = (): readonly Readonly<Record<string, string | number>>[] => {
  const u = uniforms(key(7), 6 * 400);
  return Array.from({ length: 400 }, (_, i) => {
    const [a, b, c, d, e, f] = u.subarray(6 * i, 6 * i + 6) as unknown as readonly number[];
    const group = a! < 0.3 ? 'x' : a! < 0.7 ? 'y' : 'z';
    const t = Math.log(b! / (1 - b!));
    return {
      group,
      share: 1 / (1 + Math.exp(-2 * t)),
      angle: (360 * (c! * c!) + 90 + (group === 'x' ? 100 : 0)) % 360,
      price: Math.exp(1.5 * t + d!),
      tail: 3 * Math.tan(Math.PI * (e! - 0.5) * 0.98) + (group === 'y' ? 5 : 0),
      season: 360 * f!,
      size: 10 * d! + (group === 'z' ? 3 : 0),
    };
  });
};
const table = (names: readonly string[]) => columnsOf(frameOf(made(), 'made'), names);
/** Returns the cells of an integration grid on (0, 1), most of which are near 0 or 1. */
const shares = (count: number) => grid(count, (u) => 1 / (1 + Math.exp(-18 * (2 * u - 1))));
const logarithmic = (count: number) => grid(count, (u) => Math.exp(-12 + 24 * u));
const tails = grid(600, (u) => 20 * Math.sinh(14 * (u - 0.5)));
const circle = (spec: RecordsSpec, count: number) => {
  const { cut = 0 } = spec.columns.find(({ name }) => name === 'angle') as { readonly cut?: number };
  return grid(count, (u) => cut + 360 * u);
};

describe('the density of records', () => {
  onBackend(wasm());

  it.each([
    ['log', 'price', (): ReturnType<typeof grid> => logarithmic(600)],
    ['logit', 'share', (): ReturnType<typeof grid> => shares(400)],
    ['asinh', 'tail', (): ReturnType<typeof grid> => tails],
  ] as const)('the density of categories and a number with the map %s integrates to 1', (map, name, axis) => {
    const { spec } = fitted(table(['group', name]), {}, { model: 'implicit', blocks: 1, hidden: [8] });
    expect(spec.flow.blocks[0]).toMatchObject({ kind: 'columnMaps', maps: [{ map }] });
    expect(total(livelyModel(spec), { group: 4 }, { [name]: axis() })).toBeCloseTo(1, 2);
  });

  it('the density of categories, an angle and a number in (0, 1), given two conditions, integrates to 1', () => {
    const { spec } = fitted(
      table(['group', 'angle', 'share', 'season', 'size']),
      { given: ['season', 'size'], periodic: { angle: 360, season: 360 } },
      { blocks: 2 },
    );
    const model = livelyModel(spec);
    const axes = { angle: circle(spec, 120), share: shares(100) };
    for (const conditions of [
      { season: 10, size: 2 },
      { season: 300, size: 12 },
    ])
      expect(total(model, { group: 4 }, axes, conditions)).toBeCloseTo(1, 2);
  });

  it('the density of two numbers with long tails, given a category, integrates to 1', () => {
    const { spec } = fitted(table(['group', 'price', 'tail']), { given: ['group'] }, { blocks: 2 });
    expect(spec.tree).toBeUndefined();
    const axes = { price: logarithmic(150), tail: grid(200, (u) => 20 * Math.sinh(14 * (u - 0.5))) };
    for (const group of [0, 2, 3]) expect(total(livelyModel(spec), {}, axes, { group })).toBeCloseTo(1, 2);
  });

  it('the density of the data set penguins integrates to 1 over species, sex and two numbers', () => {
    const { spec, train } = fitted(columnsOf(penguins(), [species, sex, bill, mass]), {}, { blocks: 2 });
    const [bills, masses] = [2, 3].map(
      (j) => [Math.min(...train.columns[j]!), Math.max(...train.columns[j]!)] as const,
    );
    const wide = ([low, high]: readonly [number, number]) =>
      grid(90, (u) => Math.max(1e-3, low + (high - low) * (3 * u - 1)));
    const axes = { [bill]: wide(bills!), [mass]: wide(masses!) };
    expect(total(livelyModel(spec, 0.05), { [species]: 4, [sex]: 3 }, axes)).toBeCloseTo(1, 2);
  });

  it('the density is 0 outside of the bounds of a column, and draws are inside of the bounds', () => {
    const { spec } = fitted(table(['group', 'share', 'price']), {}, { blocks: 2 });
    const model = livelyModel(spec, 1);
    const outside = rowsOf([
      [0, 1, 2, 3, 0],
      [-1e-6, 0, 1, 1.5, 0.5],
      [1, 1, 1, 1, -1e-6],
    ]);
    expect([...logProbs(model, outside)]).toEqual(Array.from({ length: 5 }, () => -Infinity));
    const drawn = drawValues(model, rowsOf([0, 0, 0].map(() => new Float64Array(4000))), { key: key(1) });
    expect(drawn.columns[1]!.every((value) => value > 0 && value < 1)).toBe(true);
    expect(drawn.columns[2]!.every((value) => value > 0 && value < Infinity)).toBe(true);
    expect(logProbs(model, drawn).every(Number.isFinite)).toBe(true);
  });

  it('the density does not change if periodic targets and conditions are shifted by whole periods', () => {
    const rows = made();
    const { spec } = fitted(
      table(['group', 'angle', 'season']),
      { given: ['season'], periodic: { angle: 360, season: 360 } },
      { model: 'implicit', blocks: 1, hidden: [8] },
    );
    const model = livelyModel(spec);
    const turned = (turns: number) =>
      logProbs(
        model,
        valuesOf(
          frameOf(
            rows
              .slice(0, 50)
              .map(({ group, angle, season }) => ({
                group,
                angle: (angle as number) + 360 * turns,
                season: (season as number) - 720 * turns,
              })),
            'turned',
          ),
          spec.columns,
        ),
      );
    const [here, there] = [turned(0), turned(1)];
    here.forEach((value, i) => expect(there[i]!).toBeCloseTo(value, 3));
  });

  it('a density of hours of the day is finite at every hour, and every hour is drawn', () => {
    const hours = Array.from({ length: 240 }, (_, i) => ({ hour: i % 24, x: (i % 7) + i / 1000 }));
    const { spec, train } = fitted(frameOf(hours, 'hours'), { periodic: { hour: 24 } }, { blocks: 2 });
    expect(spec.columns[0]).toMatchObject({ resolution: 1, period: 24, start: 0 });
    const model = livelyModel(spec, 0.02);
    const middle = atMiddle(valuesOf(frameOf(hours, 'hours'), spec.columns), spec.columns);
    for (const values of [train, middle]) expect(logProbs(model, values).every(Number.isFinite)).toBe(true);
    const drawn = trainedRecords(model).sample(3000, { key: key(1) }).columns[0]!.numbers;
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
  });
});

describe('recordFlow', () => {
  onBackend(wasm());

  it('a spec that was converted to JSON and back gives bit-identical log-densities', () => {
    const { spec, train } = fitted(columnsOf(penguins(), [species, sex, bill, mass, flipper]), {}, { blocks: 2 });
    const read = JSON.parse(JSON.stringify(spec)) as RecordsSpec;
    expect(read).toEqual(spec);
    const [one, other] = [livelyModel(spec), livelyModel(read)];
    expect(other.eventsOf(train)).toEqual(one.eventsOf(train));
    expect(logProbs(other, train)).toEqual(logProbs(one, train));
  });

  it('eventsOf writes the numbers, the context and the log-probability of the categories of a record into an event', () => {
    const { spec, train } = fitted(columnsOf(penguins(), [species, bill, mass, sex]), { given: [sex] });
    const model = recordFlow(spec);
    expect(model.size).toBe(2 + 3 + 2 + 1);
    const events = model.eventsOf(train);
    for (const row of [0, 100, train.rows - 1]) {
      const [own, beak, weight, gender] = train.columns.map((column) => column[row]!) as [
        number,
        number,
        number,
        number,
      ];
      const expected = [
        beak,
        weight,
        ...[0, 1, 2].map((k) => Number(k === own)),
        ...[0, 1].map((k) => Number(k === gender)),
      ];
      expect([...events.subarray(8 * row, 8 * row + 7)]).toEqual(expected.map(Math.fround));
      const { parents, tables } = spec.tree!;
      // The expected joint probability, for a tree with or without an edge between the two columns.
      const joint = (a: number, b: number): number =>
        parents[1] === 0 ? tables[0]![0]![a]! * tables[1]![a]![b]! : tables[0]![0]![a]! * tables[1]![0]![b]!;
      const given = [0, 1, 2, 3].reduce((sum, a) => sum + joint(a, gender), 0);
      expect(events[8 * row + 7]).toBeCloseTo(Math.log(joint(own, gender) / given), 5);
    }
  });
});
