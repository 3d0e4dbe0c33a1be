import { key, normals, uniforms } from '@impflow/core';
import { frameOf, type Frame } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import type { DataSource } from '../../src/dataset/source.ts';
import { loadRecordData } from '../../src/dataset/split-records.ts';

const noise = normals(key(1), 400);
const chance = uniforms(key(2), 400);
const object = (i: number): Readonly<Record<string, unknown>> => ({
  id: i,
  x: noise[i]!,
  y: Math.round(10 * noise[200 + i]!) / 10,
  kind: chance[i]! < 0.5 ? 'a' : 'b',
  w: 1 + (i % 3),
});
const frame = (objects: readonly Readonly<Record<string, unknown>>[]): Frame => frameOf(objects, 'rows');
const whole = frame(Array.from({ length: 200 }, (_, i) => object(i)));
const load = (rows: Frame, records: DataSource['records'] = {}, more: Partial<DataSource> = {}) =>
  loadRecordData({ data: 'rows', records, ...more }, key(3), rows);

describe('loadRecordData', () => {
  it('each row is in exactly one part, and the same key gives the same split', async () => {
    const { train, validation, test, fitted, hash } = await load(whole);
    const at = fitted.columns.findIndex(({ name }) => name === 'x');
    const seen = [train, validation, test].flatMap(({ values }) => [...values.columns[at]!]);
    expect([train, validation, test].map(({ values }) => values.rows)).toEqual([160, 20, 20]);
    expect(Float64Array.from(seen).sort()).toEqual(Float64Array.from(noise.slice(0, 200)).sort());
    const again = await load(whole);
    expect([again.train.values, again.hash]).toEqual([train.values, hash]);
    expect((await load(frame([object(300), ...Array.from({ length: 199 }, (_, i) => object(i))]))).hash).not.toBe(hash);
  });

  it('adds noise to numbers that repeat, and to no others', async () => {
    const { train, fitted } = await load(whole);
    const [x, y] = ['x', 'y'].map((name) => fitted.columns.findIndex((column) => column.name === name));
    expect(train.values.columns[x!]!.every((value) => noise.includes(value))).toBe(true);
    const rests = [...train.values.columns[y!]!].map((value) => value * 10 - Math.floor(value * 10 + 1e-9));
    expect(new Set(rests).size).toBeGreaterThan(150);
  });

  it('weights have mean 1 over the rows that train, and over each held-out part', async () => {
    const { train, validation, test, open } = await load(whole, { weights: 'w' });
    for (const { weights } of [train, validation, test])
      expect(weights.reduce((sum, weight) => sum + weight, 0) / weights.length).toBeCloseTo(1, 12);
    expect(open.values.rows).toBe(0);
    expect(Math.max(...train.weights) / Math.min(...train.weights)).toBeCloseTo(3, 12);
  });

  it('filled rows keep their weight relative to the others', async () => {
    const gaps = frame(
      Array.from({ length: 200 }, (_, i) => ({
        ...object(i),
        x: i % 5 === 0 ? null : noise[i],
        w: i % 5 === 0 ? 6 : 2,
      })),
    );
    const { train, open, missing, plans } = await load(gaps, { weights: 'w', missing: 'median' });
    expect(open.weights[0]! / train.weights[0]!).toBeCloseTo(3, 12);
    expect(train.values.rows + open.values.rows).toBe(160);
    expect(Object.fromEntries(plans.map(({ name }, j) => [name, missing[j]]))).toEqual({
      id: 0,
      x: 40,
      y: 0,
      kind: 0,
      w: 0,
    });
  });

  it('rows that differ in a column that is left out are copies', async () => {
    const copied = frame(Array.from({ length: 200 }, (_, i) => ({ ...object(i % 100), id: i })));
    expect((await load(copied)).distinct).toBe(false);
    const { distinct, train, remarks } = await load(copied, { leaveOut: ['id'] });
    expect([distinct, train.values.rows]).toEqual([true, 80]);
    expect(remarks.join(' ')).toContain('100 of the 200 rows are copies');
    expect((await load(copied, { leaveOut: ['id'] }, { distinct: false })).train.values.rows).toBe(160);
  });

  it('--columns may leave out what --leave-out names', async () => {
    const { fitted } = await load(whole, { leaveOut: ['id'], given: ['kind'] }, { columns: ['x', 'y'] });
    expect(fitted.columns.map(({ name }) => name)).toEqual(['x', 'y', 'kind']);
    await expect(load(whole, { leaveOut: ['ids'] }, { columns: ['x'] })).rejects.toThrow('Unknown column');
  });

  it.each<readonly [string, readonly Readonly<Record<string, unknown>>[], DataSource['records'], string]>([
    ['few rows', Array.from({ length: 9 }, (_, i) => object(i)), {}, 'Too few different rows'],
    [
      'many gaps',
      Array.from({ length: 200 }, (_, i) => ({ ...object(i), x: i % 2 ? null : i })),
      {},
      'Many rows of rows have gaps',
    ],
    [
      'gaps in nearly all rows',
      Array.from({ length: 100 }, (_, i) => ({ ...object(i), x: i < 97 ? null : i })),
      { missing: 'drop' },
      'Too few rows of rows without gaps',
    ],
    [
      'no weight',
      Array.from({ length: 50 }, (_, i) => ({ ...object(i), w: 0 })),
      { weights: 'w' },
      'No row counts by the column "w"',
    ],
    [
      'a negative weight',
      Array.from({ length: 50 }, (_, i) => ({ ...object(i), w: i - 3 })),
      { weights: 'w' },
      'Wrong weight',
    ],
  ])('refuses %s', async (_what, objects, records, said) => {
    await expect(load(frame(objects), records)).rejects.toThrow(said);
  });

  it('takes a hundred thousand rows in seconds', async () => {
    const rows = 100_000;
    const many: Frame = {
      columns: [
        { name: 'x', numbers: Float64Array.from(normals(key(5), rows), (value, i) => (i % 10 === 0 ? NaN : value)) },
        { name: 'y', numbers: Float64Array.from(normals(key(6), rows)) },
      ],
      rows,
      source: 'many',
      place: (row) => `row ${row}`,
    };
    const begun = performance.now();
    expect((await load(many, {})).gaps.train).toBeGreaterThan(7000);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
