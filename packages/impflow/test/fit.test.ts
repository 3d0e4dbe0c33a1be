import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { memory } from '@tensorflow/tfjs-core';
import { fit, load, type Model } from 'impflow';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { penguins, vegaPath, type Penguin } from './penguins.ts';

const quick = { steps: 12, workers: 1, hidden: [8], blocks: 2 } as const;
const complete = penguins.filter(({ beak, sex }) => beak !== null && sex !== null);
const lacking = penguins.filter(({ beak, sex }) => beak === null || sex === null);
let folder: string;
let model: Model<Penguin>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-fit-'));
  model = await fit(penguins, { ...quick, given: ['species'] });
});
afterAll(() => rm(folder, { recursive: true }));

describe('the model of a table with gaps, categories, dates and a condition', () => {
  it('the report of a model contains assumptions, choices and results', () => {
    const { columns, gaps, heldOut, calibration, rivals, ...report } = model.report;
    expect(columns.map(({ name, is, given }) => [name, is, given])).toEqual([
      ['species', 'category', true],
      ['island', 'category', false],
      ['sex', 'category', false],
      ['beak', 'number', false],
      ['flipper', 'number', false],
      ['mass', 'number', false],
      ['seen', 'date', false],
    ]);
    expect(columns.map((column) => column.gaps)).toEqual([0, 0, 11, 2, 2, 2, 0]);
    expect(gaps.train + gaps.validation + gaps.test).toBe(lacking.length);
    expect(heldOut).toMatchObject({ rows: 34 - gaps.test, unsolved: 0 });
    expect(calibration.map(({ column }) => column)).toEqual(['beak', 'flipper', 'mass', 'seen']);
    expect(rivals.map(({ name }) => name)).toEqual([
      'linear regression + Gaussian',
      'linear regression + regularized Gaussian',
      expect.stringMatching(/^linear regression \+ Gaussian mixture, \d+ \w+ components$/),
    ]);
    // The training starts from the mixture, which is therefore marked.
    expect(rivals.map(({ isStart }) => isStart)).toEqual([false, false, true]);
    expect(report.remarks[0]).toMatch(/^Rows: \d+ for training, \d+ for validation, \d+ for testing\.$/);
    expect(report).toMatchObject({
      steps: quick.steps,
      dim: 4,
      scaling: 'standard',
      base: 'fitted',
      backend: expect.stringMatching(/^wasm \((avx512|avx2|neon|relaxed|simd)\)$/),
    });
    expect(report.roundTrip).toBeLessThan(1e-3);
    expect(JSON.parse(JSON.stringify(model.report))).toEqual(model.report);
    // The flow starts as the Gaussian mixture or the Gaussian, whichever is better. So the loss of the flow may exceed
    // the smaller loss of these two by at most a standard error.
    expect(heldOut.nats).toBeLessThan(rivals.at(-1)!.nats + heldOut.standardError);
  });

  it('the score of a row, with or without gaps, does not depend on the other rows of the call', () => {
    expectTypeOf(model).toEqualTypeOf<Model<Penguin>>();
    const rows = [complete[0]!, lacking[0]!, { ...complete[1]!, mass: 60_000 }];
    const scores = model.score(rows);
    expect(rows.map((row) => model.score([row])[0])).toEqual(scores);
    for (const { logDensity, converged } of scores)
      expect([Number.isFinite(logDensity), converged]).toEqual([true, true]);
    expect(scores[0]!.standardError).toBe(0);
    expect([scores[1]!.pValue, scores[1]!.percentile]).toEqual([NaN, NaN]);
    expect(scores[2]!.pValue).toBe(1 / (model.report.heldOut.rows + 1));
    expect(scores[2]!.percentile).toBe(0);
  });

  it('a row with an empty cell is scored by its known cells, and a missing key is an empty cell', () => {
    const { sex: _sex, ...rest } = complete[0]!;
    const [wanted] = model.score([{ ...rest, sex: null }]);
    expect(Number.isFinite(wanted!.logDensity)).toBe(true);
    expect(model.score([rest])).toEqual([wanted]);
    expect(model.score([rest, complete[0]!])[0]).toEqual(wanted);
    expect(model.impute([rest])[0]![0]).toEqual({ ...rest, sex: expect.stringMatching(/^(FE)?MALE$/) as string });
    expect(model.explain(rest).at(-1)).toMatchObject({ column: 'sex', value: null, nats: NaN });
    // A row without any column of the model is refused.
    expect(() => model.score([complete[0]!, { Beak: 40 } as never])).toThrow(
      'No cell of the columns in the rows, row 2: expected some of the keys species, island, sex, beak, flipper, mass, seen, got Beak.',
    );
  });

  it('`explain` returns the contribution of each column of a row, the largest contribution first', () => {
    const odd = { ...complete[0]!, mass: 6300 };
    const reasons = model.explain(odd);
    expect(reasons[0]).toMatchObject({ column: 'mass', value: 6300, percentile: 100 });
    expect(reasons.map(({ column }) => column).toSorted()).toEqual([
      'beak',
      'flipper',
      'island',
      'mass',
      'seen',
      'sex',
    ]);
    const nats = reasons.map((reason) => reason.nats);
    expect(nats).toEqual(nats.toSorted((a, b) => b - a));
    for (const { column, usual, value } of reasons) {
      expect([typeof usual, usual instanceof Date]).toEqual([typeof value, value instanceof Date]);
      expect(value).toEqual(odd[column as keyof Penguin]);
    }
    const open = model.explain(lacking[0]!).at(-1)!;
    expect([open.nats, open.percentile, open.value]).toEqual([NaN, NaN, null]);
  });

  it('`impute` changes only empty cells, and each draw is a row without empty cells', () => {
    const rows = [lacking[0]!, complete[0]!];
    const filled = model.impute(rows, { draws: 3, seed: 2 });
    expect(filled.map((draws) => draws.length)).toEqual([3, 3]);
    for (const [i, row] of rows.entries())
      for (const draw of filled[i]!) {
        const known = Object.entries(row).filter(([, cell]) => cell !== null);
        expect(draw).toMatchObject(Object.fromEntries(known));
        expect(Object.values(draw)).not.toContain(null);
      }
    expect(model.impute(rows, { draws: 3, seed: 2 })).toEqual(filled);
    expect(model.impute(rows, { draws: 3, seed: 3 })).not.toEqual(filled);
    // A row without its condition cannot be filled.
    const without = { ...lacking[0]!, species: undefined } as unknown as Penguin;
    expect(model.impute([without])).toEqual([[without]]);
  });

  it('samples satisfy the given condition and have the cell types of the training rows', () => {
    const given = { species: 'Gentoo' };
    const rows = model.sample(50, { given, seed: 1 });
    expectTypeOf(rows).toEqualTypeOf<Penguin[]>();
    expect(rows).toHaveLength(50);
    for (const row of rows) {
      expect(Object.keys(row).toSorted()).toEqual(Object.keys(penguins[0]!).toSorted());
      expect(row.species).toBe('Gentoo');
      expect(['MALE', 'FEMALE']).toContain(row.sex);
      expect(row.seen).toBeInstanceOf(Date);
      // Body mass was measured in steps of 25 g, and beak length in tenths of a millimeter.
      expect(row.mass! % 25).toBe(0);
      expect(String(row.beak)).toMatch(/^\d+(\.\d)?$/);
    }
    // Gentoo penguins live only on Biscoe, and are heavier than other penguins.
    const mean = (of: readonly Penguin[]): number => of.reduce((sum, { mass }) => sum + mass!, 0) / of.length;
    expect(rows.filter(({ island }) => island === 'Biscoe').length).toBeGreaterThan(40);
    expect(mean(rows)).toBeGreaterThan(mean(model.sample(50, { given: { species: 'Adelie' }, seed: 1 })) + 500);
    expect(model.sample(50, { given, seed: 1 })).toEqual(rows);
    expect(model.sample(10, { given, seed: 1 })).toEqual(rows.slice(0, 10));
    expect(model.sample(50, { given, seed: 2 })).not.toEqual(rows);
  });

  it('`evaluate` without rows returns the test results of the report, and with rows evaluates these rows', async () => {
    const again = await model.evaluate();
    const { heldOut, calibration, roundTrip } = model.report;
    expect(again).toMatchObject({ source: 'the rows', heldOut, calibration, roundTrip });
    const other = await model.evaluate(complete);
    expect(other.heldOut.rows).toBe(complete.length);
    await expect(model.evaluate(lacking)).rejects.toThrow('No row without gaps in the rows');
  });

  it('`load` opens a bit-identical model from the folder of a saved model', async () => {
    await model.save(join(folder, 'penguins'));
    expect(await readdir(join(folder, 'penguins'))).toEqual(['checkpoint.safetensors']);
    await expect(model.save(join(folder, 'penguins'))).rejects.toThrow('already contains a model');
    await model.save(join(folder, 'penguins'), { force: true });
    await model.save(pathToFileURL(join(folder, 'as-url')).href);
    expect(await readdir(join(folder, 'as-url'))).toEqual(['checkpoint.safetensors']);
    const file = join(folder, 'penguins', 'checkpoint.safetensors');
    const [rows, given] = [penguins.slice(0, 40), { species: 'Adelie' }];
    for (const from of [
      file,
      pathToFileURL(join(folder, 'penguins')),
      pathToFileURL(join(folder, 'penguins')).href,
      model.toBytes(),
      new Blob([Buffer.from(model.toBytes())]),
    ]) {
      const back = await load<Penguin>(from);
      expect([back.report, back.score(complete)]).toEqual([model.report, model.score(complete)]);
      back.dispose();
    }
    const back = await load<Penguin>(join(folder, 'penguins'));
    expect(back.score(rows)).toEqual(model.score(rows));
    expect(back.explain(rows[5]!)).toEqual(model.explain(rows[5]!));
    expect(back.impute([lacking[0]!])).toEqual(model.impute([lacking[0]!]));
    expect(back.sample(5, { given })).toEqual(model.sample(5, { given }));
    expect(Buffer.compare(back.toBytes(), model.toBytes())).toBe(0);
    await expect(back.evaluate()).rejects.toThrow('does not store where its rows are');
    expect((await back.evaluate(complete)).heldOut).toEqual((await model.evaluate(complete)).heldOut);
  });
});

const iowa = vegaPath('iowa-electricity.csv');

it.each([
  ['path', iowa],
  ['URL', pathToFileURL(iowa)],
])('a loaded model that was trained on the %s of a file reads its test rows from this file', async (_what, rows) => {
  const own = await fit(rows, { ...quick, columns: ['net_generation', 'source'] });
  const back = await load(own.toBytes());
  const { heldOut, calibration } = own.report;
  expect(await back.evaluate()).toMatchObject({ heldOut, calibration });
  expect(own.sample(3)[0]).toEqual({
    source: expect.any(String) as string,
    net_generation: expect.any(Number) as number,
  });
});

it('`evaluate` of a loaded model needs rows if the validation rows of the training were in memory', async () => {
  const validation = Array.from({ length: 20 }, (_, i) => ({
    source: i % 2 === 0 ? 'Renewables' : 'Fossil Fuels',
    net_generation: 9000 + 37 * i,
  }));
  const own = await fit(iowa, { ...quick, columns: ['net_generation', 'source'], validation });
  const back = await load(own.toBytes());
  await expect(back.evaluate()).rejects.toThrow('does not store where its rows are');
  expect((await back.evaluate(validation)).heldOut.rows).toBe(20);
});

describe('the scores and test results of a fit', () => {
  const bits = async (options: object): Promise<string> => {
    const own = await fit(complete, { ...quick, given: ['species'], ...options });
    return JSON.stringify([own.score(complete), own.report.heldOut, own.report.calibration]);
  };

  it('two fits with equal options and seeds give equal bits, and a fit with a different seed gives different bits', async () => {
    const first = await bits({ seed: 5 });
    expect(await bits({ seed: 5 })).toBe(first);
    expect(await bits({ seed: 6 })).not.toBe(first);
  });

  it('scores and test results do not depend on the form in which the rows are given', async () => {
    const numbers = complete.map(({ beak, flipper, mass }) => ({ beak: beak!, flipper: flipper!, mass: mass! }));
    const column = (name: keyof (typeof numbers)[0]): Float64Array => Float64Array.from(numbers, (row) => row[name]);
    const forms = [
      numbers,
      { beak: column('beak'), flipper: column('flipper'), mass: column('mass') },
      new Blob([`beak,flipper,mass\n${numbers.map((row) => Object.values(row).join()).join('\n')}\n`]),
    ];
    const found = [];
    for (const rows of forms) {
      const own = await fit(rows, quick);
      found.push([own.report.heldOut, own.score(numbers.slice(0, 9))]);
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
});

it('fitting, using and disposing a model leaks no tensors', async () => {
  const before = memory().numTensors;
  const own = await fit(complete, { ...quick, given: ['species'] });
  own.score(penguins);
  own.explain(penguins[0]!);
  own.impute(penguins.slice(0, 5));
  own.sample(3, { given: { species: 'Adelie' } });
  await own.evaluate();
  own.dispose();
  expect(memory().numTensors).toBe(before);
});
