import { wasm } from '@impflow/backend-wasm';
import { key, normals, uniforms } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { fit, type AnyRow, type Model } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { register, type RegisteredModel } from '../src/index.ts';

onBackend(wasm());

// The DuckDB library is native and is not available on every machine.
const duckdb = await import('@duckdb/node-api').catch((error: unknown) => {
  console.warn(`The tests of DuckDB are skipped, because its library cannot be loaded (${(error as Error).message}).`);
  return undefined;
});

interface Bird {
  readonly species: string;
  readonly wild: boolean;
  readonly length: number;
  readonly mass: number;
  readonly seen: Date;
}

const birds: readonly Bird[] = (() => {
  const [z, u] = [normals(key(1), 600), uniforms(key(2), 600)];
  return Array.from({ length: 300 }, (_, i) => ({
    species: u[2 * i]! < 0.6 ? 'robin' : 'wren',
    wild: u[2 * i + 1]! < 0.5,
    length: 14 + z[2 * i]!,
    mass: Math.round(100 * (18 + 2 * z[2 * i]! + z[2 * i + 1]!)) / 100,
    seen: new Date(Date.UTC(2020, 0, 1 + ((7 * i) % 360))),
  }));
})();
const quick = { steps: 2, workers: 1, hidden: [4], blocks: 1, seed: 1 } as const;

/** A table with a row of each type, a row of gaps, and a column that the model does not have. */
const TYPED = `(select * from (values
  ('robin'::enum('robin', 'wren'), true, 14::integer, 18.25::decimal(6, 2), date '2020-03-01', [1]),
  ('wren', false, 13, 16.5, date '2020-05-01', [2]),
  ('robin', true, 15, null, date '2020-05-02', [3])
) as v(species, wild, length, mass, seen, extra)) as t`;

describe.skipIf(duckdb === undefined)('functions of DuckDB (not installed on every machine)', () => {
  let [model, ask] = [undefined as unknown as Model, undefined as unknown as (sql: string) => Promise<AnyRow[]>];
  let add: (models: Readonly<Record<string, RegisteredModel>>) => Promise<void>;

  beforeAll(async () => {
    model = (await fit(birds, quick)) as unknown as Model;
    const given = await fit(
      birds.map(({ species, length, mass }) => ({ species, length, mass })),
      { ...quick, given: ['species'] },
    );
    const connection = await (await duckdb!.DuckDBInstance.create(':memory:')).connect();
    ask = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as AnyRow[];
    add = (models) => register(connection, models);
    await add({ birds: model, species: given as unknown as Model });
  });

  it('log-densities and p-values of 10,000 rows are equal to the results of score', async () => {
    await ask('create table drawn as select * from birds_draws(10000, 5)');
    const rows = await ask('select t.*, birds_nats(t) as nats, birds_p_value(t) as p from drawn as t');
    expect(rows.length).toBe(10_000);
    const scores = model.score(rows);
    expect(rows.map(({ nats }) => nats)).toEqual(scores.map(({ logDensity }) => logDensity));
    expect(rows.map(({ p }) => p)).toEqual(scores.map(({ pValue }) => pValue));
  });

  it('rows may have all types of cells, gaps, and columns that the model does not have', async () => {
    const rows = await ask(`select t.* exclude (extra), birds_nats(t) as nats, birds_p_value(t) as p from ${TYPED}`);
    expect(rows[0]).toMatchObject({ species: 'robin', wild: true, mass: 18.25, seen: new Date('2020-03-01') });
    const scores = model.score(rows);
    expect(rows.map(({ nats }) => nats)).toEqual(scores.map(({ logDensity }) => logDensity));
    expect(rows.map(({ p }) => p)).toEqual([scores[0]!.pValue, scores[1]!.pValue, null]);
    const args = 'birds_nats(species, wild, length, mass, seen)';
    const [first, , last] = await ask(`select ${args} as nats from ${TYPED}`);
    expect([first!['nats'], last!['nats']]).toEqual([rows[0]!['nats'], rows[2]!['nats']]);
    const times = `(values ('robin', true, 14.0::double, 18.25, timestamp '2020-03-01 00:00:00')) as t(species, wild, length, mass, seen)`;
    expect(await ask(`select birds_nats(t) as nats from ${times}`)).toEqual([{ nats: rows[0]!['nats'] }]);
  });

  it('the literal NULL is a gap, and the result for a STRUCT that is NULL is NULL', async () => {
    const [row] = await ask("select birds_nats('robin', true, 14, NULL, date '2020-03-01') as nats");
    const [score] = model.score([
      { species: 'robin', wild: true, length: 14, mass: null, seen: new Date('2020-03-01') },
    ]);
    expect(row!['nats']).toBe(score!.logDensity);
    const none = await ask(`select birds_nats(r) as nats from (select if(mass is null, null, t) as r from ${TYPED})`);
    expect(none.map(({ nats }) => nats === null)).toEqual([false, false, true]);
  });

  it('a reason is the first reason of explain', async () => {
    const [row] = await ask(`select t.* exclude (extra), birds_reason(t) as reason from ${TYPED} limit 1`);
    const { reason, ...cells } = row!;
    const [first] = model.explain(cells);
    const usual = first!.usual instanceof Date ? first!.usual.toISOString() : String(first!.usual);
    expect(reason).toEqual({ column: first!.column, nats: first!.nats, usual });
  });

  it('draws are equal to the results of sample, with and without conditions', async () => {
    expect(await ask('select * from birds_draws(3000, 7)')).toEqual(model.sample(3000, { seed: 7 }));
    const rows = await ask("select * from species_draws(5, 0, given := {'species': 'wren'})");
    expect(rows.map(({ species }) => species)).toEqual(Array.from({ length: 5 }, () => 'wren'));
    await expect(ask('select * from species_draws(5, 0)')).rejects.toThrow('expected values of species, got none');
    await expect(ask('select * from birds_draws(0, 0)')).rejects.toThrow('expected a whole number from 1 to');
    await expect(ask('select * from birds_draws(5, NULL)')).rejects.toThrow('Wrong value of the option seed');
  });

  it.each([
    ["birds_nats({'species': 'robin'})", 'No column "wild" in the STRUCT'],
    ['birds_nats(1, 2)', 'expected one STRUCT, or 5 arguments: species, wild, length, mass, seen, got 2 arguments'],
    ["birds_nats('robin', true, 'long', 18, date '2020-03-01')", 'Text in the column "length"'],
    ["birds_p_value('robin', true, 14, 18, 'soon')", 'No date in the column "seen"'],
    ["birds_nats('robin', true, 14, [18], date '2020-03-01')", '"mass"'],
  ])('%s is refused with a message', async (call, said) => {
    await expect(ask(`select ${call}`)).rejects.toThrow(said);
  });

  it('a wrong name, and a name that exists in the database, are refused', async () => {
    await expect(add({ 'my birds': model })).rejects.toThrow('Wrong name of a model');
    await expect(add({ owls: model, Owls: model })).rejects.toThrow('Two models have one name');
    await expect(add({ Birds: model })).rejects.toThrow('The database has a function of the name Birds');
  });
});
